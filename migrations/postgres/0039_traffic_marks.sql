-- Quarters of an hour whose rows have changed since they were summed up. Whoever writes rows counts its mark up in the same
-- transaction; whoever has summed them up removes the marks that still stand as it saw them.
CREATE TABLE traffic_marks (
    quarter_us BIGINT NOT NULL,
    node       VARCHAR(50) NOT NULL,
    writer     VARCHAR(200) NOT NULL,
    marks      BIGINT NOT NULL,
    CONSTRAINT traffic_marks_pk PRIMARY KEY (quarter_us, node, writer)
);
-- Decisions that calls of a quarter name and that were not there when it was summed up.
CREATE TABLE traffic_awaited (
    node       VARCHAR(50) NOT NULL,
    decision   VARCHAR(64) NOT NULL,
    quarter_us BIGINT NOT NULL,
    CONSTRAINT traffic_awaited_pk PRIMARY KEY (node, decision, quarter_us)
);
CREATE INDEX traffic_awaited_quarter_index ON traffic_awaited (quarter_us, node);
-- The rules by which the roll-ups were made.
CREATE TABLE traffic_basis (
    name   VARCHAR(50) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    CONSTRAINT traffic_basis_pk PRIMARY KEY (name)
);
-- One at a time sums up.
INSERT INTO locks (name) VALUES ('traffic');
