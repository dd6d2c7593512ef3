-- Which collector writes the calls of a node. Times are by this database's clock.
CREATE TABLE collector_leases (
    node       VARCHAR(50) NOT NULL,
    -- NULL: nobody.
    holder     VARCHAR(200),
    -- Counts the holders; what a former one still sends is refused.
    fence      BIGINT NOT NULL,
    -- When the holder was last heard of.
    seen_us    BIGINT NOT NULL,
    -- Everything up to then is written, by the clock of the records.
    written_us BIGINT,
    CONSTRAINT collector_leases_pk PRIMARY KEY (node),
    CONSTRAINT collector_leases_node_length CHECK (node <> ''),
    CONSTRAINT collector_leases_holder_length CHECK (holder <> '')
);
