-- Which collector writes the calls of a node. Times are by this database's clock.
CREATE TABLE collector_leases (
    node       TEXT NOT NULL,
    -- NULL: nobody.
    holder     TEXT,
    -- Counts the holders; what a former one still sends is refused.
    fence      INTEGER NOT NULL,
    -- When the holder was last heard of.
    seen_us    INTEGER NOT NULL,
    -- Everything up to then is written, by the clock of the records.
    written_us INTEGER,
    CONSTRAINT collector_leases_pk PRIMARY KEY (node),
    CONSTRAINT collector_leases_node_length CHECK (length(node) BETWEEN 1 AND 50),
    CONSTRAINT collector_leases_holder_length CHECK (length(holder) BETWEEN 1 AND 200)
) STRICT, WITHOUT ROWID;
