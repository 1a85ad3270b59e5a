CREATE TABLE theatre (
  id      INT          NOT NULL PRIMARY KEY,
  name_ko VARCHAR(60)  NOT NULL,
  name_en VARCHAR(60)  NOT NULL,
  region  VARCHAR(20)  NOT NULL
);

CREATE TABLE menu_item (
  id       INT         NOT NULL PRIMARY KEY,
  name_ko  VARCHAR(60) NOT NULL,
  name_en  VARCHAR(60) NOT NULL,
  category VARCHAR(20) NOT NULL,
  price    BIGINT      NOT NULL COMMENT 'whole Korean won, tax included'
);

CREATE TABLE theatre_menu_item (
  theatre_id   INT NOT NULL,
  menu_item_id INT NOT NULL,
  PRIMARY KEY (theatre_id, menu_item_id),
  FOREIGN KEY (theatre_id) REFERENCES theatre (id),
  FOREIGN KEY (menu_item_id) REFERENCES menu_item (id)
);
