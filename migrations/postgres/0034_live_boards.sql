-- The calls of each node that are up, as its collector told them last, where no bus carries them.
CREATE TABLE live_boards (
    node      VARCHAR(50) NOT NULL,
    collector VARCHAR(100) NOT NULL,
    posted_us BIGINT NOT NULL,
    content   BYTEA NOT NULL,
    CONSTRAINT live_boards_pk PRIMARY KEY (node),
    CONSTRAINT live_boards_node_length CHECK (node <> ''),
    CONSTRAINT live_boards_content_length CHECK (octet_length(content) <= 524288)
);
