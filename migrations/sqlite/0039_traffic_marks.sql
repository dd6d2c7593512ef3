-- Quarters of an hour whose rows have changed since they were summed up. Whoever writes rows counts its mark up in the same
-- transaction; whoever has summed them up removes the marks that still stand as it saw them.
CREATE TABLE traffic_marks (
    quarter_us INTEGER NOT NULL,
    node       TEXT NOT NULL,
    writer     TEXT NOT NULL,
    marks      INTEGER NOT NULL,
    CONSTRAINT traffic_marks_pk PRIMARY KEY (quarter_us, node, writer)
) STRICT, WITHOUT ROWID;
-- Decisions that calls of a quarter name and that were not there when it was summed up.
CREATE TABLE traffic_awaited (
    node       TEXT NOT NULL,
    decision   TEXT NOT NULL,
    quarter_us INTEGER NOT NULL,
    CONSTRAINT traffic_awaited_pk PRIMARY KEY (node, decision, quarter_us)
) STRICT, WITHOUT ROWID;
CREATE INDEX traffic_awaited_quarter_index ON traffic_awaited (quarter_us, node);
-- The rules by which the roll-ups were made.
CREATE TABLE traffic_basis (
    name   TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    CONSTRAINT traffic_basis_pk PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;
-- One at a time sums up.
INSERT INTO locks (name) VALUES ('traffic');
