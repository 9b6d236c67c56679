-- SBOMs by the image that they are about, kept for a term. The format is docs/formats/ledger.md.

CREATE TABLE bills (
    subject  TEXT   NOT NULL,
    document TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    target   TEXT   NOT NULL,
    platform TEXT   NOT NULL,
    form     TEXT   NOT NULL,
    maker    TEXT   NOT NULL,
    first    BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    size     BIGINT NOT NULL,
    content  BLOB   NOT NULL,
    PRIMARY KEY (subject, document)
);
CREATE INDEX bills_by_last ON bills (last);

PRAGMA user_version = 2;
