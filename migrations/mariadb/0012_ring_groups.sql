-- Phones that are called together or one after another.
CREATE TABLE ring_groups (
    id             BIGINT NOT NULL AUTO_INCREMENT,
    name           VARCHAR(100) NOT NULL,
    strategy       VARCHAR(5) NOT NULL,
    dial_timeout_s INTEGER NOT NULL DEFAULT 60,
    CONSTRAINT ring_groups_pk PRIMARY KEY (id),
    CONSTRAINT ring_groups_name_unique UNIQUE (name),
    CONSTRAINT ring_groups_name_length CHECK (name <> ''),
    CONSTRAINT ring_groups_strategy_word CHECK (strategy IN ('all', 'order')),
    CONSTRAINT ring_groups_dial_timeout_s_range CHECK (dial_timeout_s BETWEEN 1 AND 3600)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
