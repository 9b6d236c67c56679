-- Tags as they were seen. The format is docs/formats/ledger.md; rows are added and never changed.

CREATE TABLE documents (
    digest  TEXT   NOT NULL COLLATE "C" PRIMARY KEY,
    size    BIGINT NOT NULL,
    content BYTEA  NOT NULL
);

-- Texts compare by their bytes, as in SQLite, whatever the database's language is.
CREATE TABLE observations (
    repository TEXT   NOT NULL COLLATE "C",
    sequence   BIGINT NOT NULL,
    tag        TEXT   NOT NULL COLLATE "C",
    digest     TEXT   NOT NULL COLLATE "C",
    media_type TEXT   NOT NULL,
    children   TEXT   NOT NULL,
    seen       BIGINT NOT NULL,
    vantage    TEXT   NOT NULL COLLATE "C",
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
    repository TEXT   NOT NULL COLLATE "C",
    sequence   BIGINT NOT NULL,
    proof      TEXT   NOT NULL,
    last       BIGINT NOT NULL,
    times      BIGINT NOT NULL,
    PRIMARY KEY (repository, sequence, proof)
);

CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger only grows: % of % is refused', TG_OP, TG_TABLE_NAME;
END $$;

CREATE FUNCTION ledger_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence <> 1 + (SELECT coalesce(max(sequence), 0) FROM observations WHERE repository = NEW.repository) THEN
        RAISE EXCEPTION 'the ledger only grows: an observation follows the last one';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ledger_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last < OLD.last OR NEW.times < OLD.times THEN
        RAISE EXCEPTION 'the ledger only grows: a sighting is not taken back';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER documents_stay BEFORE UPDATE OR DELETE ON documents
FOR EACH ROW EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER documents_remain BEFORE TRUNCATE ON documents
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER observations_stay BEFORE UPDATE OR DELETE ON observations
FOR EACH ROW EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER observations_remain BEFORE TRUNCATE ON observations
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER observations_follow BEFORE INSERT ON observations
FOR EACH ROW EXECUTE FUNCTION ledger_follows();
CREATE TRIGGER sightings_grow BEFORE UPDATE ON sightings
FOR EACH ROW EXECUTE FUNCTION ledger_grows();
CREATE TRIGGER sightings_stay BEFORE DELETE ON sightings
FOR EACH ROW EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER sightings_remain BEFORE TRUNCATE ON sightings
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses();
