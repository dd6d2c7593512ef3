-- The calls of each node that are up, as its collector told them last, where no bus carries them.
CREATE TABLE live_boards (
    node      TEXT NOT NULL,
    collector TEXT NOT NULL,
    posted_us INTEGER NOT NULL,
    content   BLOB NOT NULL,
    CONSTRAINT live_boards_pk PRIMARY KEY (node),
    CONSTRAINT live_boards_node_length CHECK (length(node) BETWEEN 1 AND 50),
    CONSTRAINT live_boards_collector_length CHECK (length(collector) <= 100),
    CONSTRAINT live_boards_content_length CHECK (length(content) <= 524288)
) STRICT;
