-- Where the tables were edited since the last activation. Marks are only added, and those that were read removed.
CREATE TABLE edited_chunks (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL,
    key_range  INTEGER NOT NULL,
    edited_us  INTEGER NOT NULL,
    -- Who edited, and why.
    actor      TEXT NOT NULL DEFAULT '',
    comment    TEXT NOT NULL DEFAULT '',
    CONSTRAINT edited_chunks_table_name_length CHECK (length(table_name) BETWEEN 1 AND 64),
    CONSTRAINT edited_chunks_actor_length CHECK (length(actor) <= 100),
    CONSTRAINT edited_chunks_comment_length CHECK (length(comment) <= 1000)
) STRICT;
