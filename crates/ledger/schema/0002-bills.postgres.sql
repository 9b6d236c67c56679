-- SBOMs by the image that they are about, kept for a term. The format is docs/formats/ledger.md.

CREATE TABLE bills (
    subject  TEXT   NOT NULL COLLATE "C",
    document TEXT   NOT NULL COLLATE "C",
    kind     TEXT   NOT NULL,
    target   TEXT   NOT NULL COLLATE "C",
    platform TEXT   NOT NULL COLLATE "C",
    form     TEXT   NOT NULL,
    maker    TEXT   NOT NULL,
    first    BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    size     BIGINT NOT NULL,
    content  BYTEA  NOT NULL,
    PRIMARY KEY (subject, document)
);
CREATE INDEX bills_by_last ON bills (last);
