-- Ids under which parts of a call were told before they turned out to be part of it. `by_…` is a call that is no alias.
CREATE TABLE call_aliases (
    node          TEXT NOT NULL,
    created_us    INTEGER NOT NULL,
    unique_id     TEXT NOT NULL,
    by_created_us INTEGER NOT NULL,
    by_unique_id  TEXT NOT NULL,
    -- In the list of that call's record.
    position      INTEGER NOT NULL,
    CONSTRAINT call_aliases_pk PRIMARY KEY (node, created_us, unique_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_aliases_by_index ON call_aliases (node, by_created_us, by_unique_id);
