-- How long records stay, by the country of the node (`servers.location`); '' is every other node. Where no rule fits,
-- nothing is masked or removed. Days count from the beginning of a call.
CREATE TABLE retention_rules (
    country      TEXT NOT NULL,
    -- After so many days numbers are masked; NULL: never.
    mask_days    INTEGER,
    -- After so many days the record goes; NULL: never.
    remove_days  INTEGER,
    -- The law: numbers stay whole at least so long.
    floor_days   INTEGER NOT NULL DEFAULT 0,
    -- The law: no number is whole for longer; NULL: it says nothing of that.
    ceiling_days INTEGER,
    comment      TEXT NOT NULL DEFAULT '',
    CONSTRAINT retention_rules_pk PRIMARY KEY (country),
    CONSTRAINT retention_rules_floor_range CHECK (floor_days BETWEEN 0 AND 36500),
    CONSTRAINT retention_rules_mask_floor CHECK (mask_days >= floor_days),
    CONSTRAINT retention_rules_remove_floor CHECK (remove_days >= floor_days),
    CONSTRAINT retention_rules_remove_after_mask CHECK (remove_days >= mask_days),
    CONSTRAINT retention_rules_remove_range CHECK (remove_days BETWEEN 1 AND 36500),
    CONSTRAINT retention_rules_mask_range CHECK (mask_days BETWEEN 1 AND 36500),
    CONSTRAINT retention_rules_ceiling CHECK (ceiling_days IS NULL OR COALESCE(mask_days, remove_days, 99999) <= ceiling_days)
);
-- How far the records of a node are masked and removed: what lies before was looked at.
CREATE TABLE retention_progress (
    node       TEXT NOT NULL,
    masked_us  INTEGER NOT NULL,
    removed_us INTEGER NOT NULL,
    CONSTRAINT retention_progress_pk PRIMARY KEY (node)
);
-- One at a time masks and removes.
INSERT INTO locks (name) VALUES ('retention');
