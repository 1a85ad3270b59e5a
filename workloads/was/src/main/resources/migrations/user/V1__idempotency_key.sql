CREATE TABLE idempotency_key (
  idempotency_key VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  request_hash    CHAR(64)     CHARACTER SET ascii NOT NULL,
  location        VARCHAR(120) NULL,
  body            TEXT         NULL,
  created_at      TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  KEY by_age (created_at)
);
