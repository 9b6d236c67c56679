-- Tags as they were seen. The format is docs/formats/ledger.md; rows are added and never changed.

CREATE TABLE documents (
    digest  TEXT   NOT NULL PRIMARY KEY,
    size    BIGINT NOT NULL,
    content BLOB   NOT NULL
);

CREATE TABLE observations (
    repository TEXT   NOT NULL,
    sequence   BIGINT NOT NULL,
    tag        TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    media_type TEXT   NOT NULL,
    children   TEXT   NOT NULL,
    seen       BIGINT NOT NULL,
    vantage    TEXT   NOT NULL,
    proof      TEXT   NOT NULL,
    witness    TEXT   NOT NULL,
    document   TEXT   NOT NULL,
    previous   TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    marks      TEXT   NOT NULL,
    PRIMARY KEY (repository, sequence)
);
CREATE INDEX observations_by_tag ON observations (repository, tag, vantage, sequence);
CREATE INDEX observations_by_digest ON observations (digest);

CREATE TABLE sightings (
    repository TEXT   NOT NULL,
    sequence   BIGINT NOT NULL,
    proof      TEXT   NOT NULL,
    last       BIGINT NOT NULL,
    times      BIGINT NOT NULL,
    PRIMARY KEY (repository, sequence, proof)
);

CREATE TRIGGER documents_stay BEFORE UPDATE ON documents
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: a document is not changed'); END;
CREATE TRIGGER documents_remain BEFORE DELETE ON documents
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: a document is not removed'); END;
CREATE TRIGGER documents_once BEFORE INSERT ON documents
WHEN EXISTS (SELECT 1 FROM documents WHERE digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: a document is not replaced'); END;

CREATE TRIGGER observations_stay BEFORE UPDATE ON observations
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: an observation is not changed'); END;
CREATE TRIGGER observations_remain BEFORE DELETE ON observations
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: an observation is not removed'); END;
CREATE TRIGGER observations_follow BEFORE INSERT ON observations
WHEN NEW.sequence <> 1 + (SELECT coalesce(max(sequence), 0) FROM observations WHERE repository = NEW.repository)
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: an observation follows the last one'); END;

CREATE TRIGGER sightings_grow BEFORE UPDATE ON sightings
WHEN NEW.last < OLD.last OR NEW.times < OLD.times
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: a sighting is not taken back'); END;
CREATE TRIGGER sightings_remain BEFORE DELETE ON sightings
BEGIN SELECT RAISE(ABORT, 'the ledger only grows: a sighting is not removed'); END;

PRAGMA user_version = 1;
