-- Members and theatres live in other services' schemas: their ids are kept, not referenced.
CREATE TABLE customer_order (
  id         CHAR(36)     CHARACTER SET ascii NOT NULL PRIMARY KEY,
  member_id  CHAR(36)     CHARACTER SET ascii NOT NULL,
  theatre_id INT          NOT NULL,
  state      VARCHAR(10)  CHARACTER SET ascii NOT NULL,
  total      BIGINT       NOT NULL COMMENT 'whole Korean won',
  placed_at  TIMESTAMP    NOT NULL,
  CHECK (state IN ('PLACED', 'PAID', 'REFUNDED'))
);

CREATE TABLE order_line (
  order_id     CHAR(36) CHARACTER SET ascii NOT NULL,
  line_number  INT      NOT NULL,
  menu_item_id INT      NOT NULL,
  quantity     INT      NOT NULL,
  unit_price   BIGINT   NOT NULL COMMENT 'whole Korean won, as of the order',
  PRIMARY KEY (order_id, line_number),
  FOREIGN KEY (order_id) REFERENCES customer_order (id)
);

CREATE TABLE payment (
  id         CHAR(36)     CHARACTER SET ascii NOT NULL PRIMARY KEY,
  order_id   CHAR(36)     CHARACTER SET ascii NOT NULL,
  kind       VARCHAR(10)  CHARACTER SET ascii NOT NULL,
  amount     BIGINT       NOT NULL COMMENT 'whole Korean won',
  created_at TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (order_id, kind),
  FOREIGN KEY (order_id) REFERENCES customer_order (id)
);
