-- Phones that are called together or one after another.
CREATE TABLE ring_groups (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    strategy       TEXT NOT NULL,
    dial_timeout_s INTEGER NOT NULL DEFAULT 60,
    CONSTRAINT ring_groups_id_positive CHECK (id > 0),
    CONSTRAINT ring_groups_name_unique UNIQUE (name),
    CONSTRAINT ring_groups_name_length CHECK (length(name) BETWEEN 1 AND 100),
    CONSTRAINT ring_groups_strategy_word CHECK (strategy IN ('all', 'order')),
    CONSTRAINT ring_groups_dial_timeout_s_range CHECK (dial_timeout_s BETWEEN 1 AND 3600)
) STRICT;
