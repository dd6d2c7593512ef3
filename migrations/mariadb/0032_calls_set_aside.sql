-- Calls the tables refused, for somebody to look at; whoever has dealt with one deletes it.
CREATE TABLE calls_set_aside (
    node       VARCHAR(50) NOT NULL,
    created_us BIGINT NOT NULL,
    unique_id  VARCHAR(512) NOT NULL,
    revision   BIGINT NOT NULL,
    -- When, by this database's clock.
    refused_us BIGINT NOT NULL,
    -- The rule that was broken.
    rule       VARCHAR(200) NOT NULL,
    -- JSON; NULL where it was too long to be kept.
    record     LONGTEXT,
    CONSTRAINT calls_set_aside_pk PRIMARY KEY (node, created_us, unique_id, revision)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
