-- Where the tables were edited since the last activation. Marks are only added, and those that were read removed.
CREATE TABLE edited_chunks (
    id         BIGINT NOT NULL AUTO_INCREMENT,
    table_name VARCHAR(64) NOT NULL,
    key_range  BIGINT NOT NULL,
    edited_us  BIGINT NOT NULL,
    -- Who edited, and why.
    actor      VARCHAR(100) NOT NULL DEFAULT '',
    comment    VARCHAR(1000) NOT NULL DEFAULT '',
    CONSTRAINT edited_chunks_pk PRIMARY KEY (id),
    CONSTRAINT edited_chunks_table_name_length CHECK (table_name <> '')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
