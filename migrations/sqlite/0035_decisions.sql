-- What routers decided, one row for each question.
CREATE TABLE decisions (
    id          TEXT NOT NULL,
    decided_us  INTEGER NOT NULL,
    router      TEXT NOT NULL,
    node        TEXT NOT NULL,
    verb        TEXT NOT NULL,
    call_id     TEXT NOT NULL,
    root        TEXT NOT NULL,
    generation  INTEGER NOT NULL,
    hopped      INTEGER NOT NULL,
    class       TEXT,
    status      TEXT NOT NULL,
    reason      TEXT,
    cause       INTEGER,
    caller_e164 TEXT,
    called_e164 TEXT,
    country     TEXT,
    provider_in INTEGER,
    attempts    INTEGER NOT NULL,
    request     TEXT NOT NULL,
    CONSTRAINT decisions_pk PRIMARY KEY (decided_us, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_id_index ON decisions (id);
CREATE INDEX decisions_root_index ON decisions (root);
