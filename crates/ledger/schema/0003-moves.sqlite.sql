-- Tags that were to be moved, written down before the first request. The format is docs/formats/ledger.md.

CREATE TABLE moves (
    repository TEXT   NOT NULL,
    tag        TEXT   NOT NULL,
    began      BIGINT NOT NULL,
    old        TEXT   NOT NULL,
    new        TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    ended      BIGINT NOT NULL,
    outcome    TEXT   NOT NULL,
    PRIMARY KEY (repository, tag, began)
);
CREATE INDEX moves_by_outcome ON moves (outcome);

PRAGMA user_version = 3;
