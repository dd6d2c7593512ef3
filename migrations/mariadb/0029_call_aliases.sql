-- Ids under which parts of a call were told before they turned out to be part of it. `by_…` is a call that is no alias.
CREATE TABLE call_aliases (
    node          VARCHAR(50) NOT NULL,
    created_us    BIGINT NOT NULL,
    unique_id     VARCHAR(512) NOT NULL,
    by_created_us BIGINT NOT NULL,
    by_unique_id  VARCHAR(512) NOT NULL,
    -- In the list of that call's record.
    position      BIGINT NOT NULL,
    CONSTRAINT call_aliases_pk PRIMARY KEY (node, created_us, unique_id),
    INDEX call_aliases_by_index (node, by_created_us, by_unique_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
