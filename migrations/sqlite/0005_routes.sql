-- Which destinations a provider takes, and in which place; the empty prefix is every destination.
CREATE TABLE routes (
    id          INTEGER PRIMARY KEY,
    provider_id INTEGER NOT NULL,
    prefix      TEXT NOT NULL,
    class       TEXT,
    priority    INTEGER NOT NULL DEFAULT 100,
    weight      INTEGER NOT NULL DEFAULT 100,
    enabled     INTEGER NOT NULL DEFAULT TRUE,
    CONSTRAINT routes_id_positive CHECK (id > 0),
    CONSTRAINT routes_provider_id_exists FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT routes_prefix_length CHECK (length(prefix) <= 15),
    CONSTRAINT routes_prefix_digits CHECK (prefix NOT GLOB '*[^0-9]*'),
    CONSTRAINT routes_prefix_leading_zero CHECK (prefix NOT LIKE '0%'),
    CONSTRAINT routes_class_word CHECK (class IN ('noncli', 'cli', 'premium')),
    CONSTRAINT routes_priority_range CHECK (priority BETWEEN 0 AND 65535),
    CONSTRAINT routes_weight_range CHECK (weight BETWEEN 0 AND 65535),
    CONSTRAINT routes_enabled_flag CHECK (enabled IN (0, 1))
) STRICT;
CREATE INDEX routes_provider_id_index ON routes (provider_id);
