-- Which destinations a provider takes, and in which place; the empty prefix is every destination.
CREATE TABLE routes (
    id          BIGINT NOT NULL AUTO_INCREMENT,
    provider_id BIGINT NOT NULL,
    prefix      VARCHAR(15) NOT NULL,
    class       VARCHAR(7),
    priority    INTEGER NOT NULL DEFAULT 100,
    weight      INTEGER NOT NULL DEFAULT 100,
    enabled     BOOLEAN NOT NULL DEFAULT TRUE,
    CONSTRAINT routes_pk PRIMARY KEY (id),
    CONSTRAINT routes_provider_id_exists FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT routes_prefix_digits CHECK (prefix NOT REGEXP '[^0-9]'),
    CONSTRAINT routes_prefix_leading_zero CHECK (prefix NOT LIKE '0%'),
    CONSTRAINT routes_class_word CHECK (class IN ('noncli', 'cli', 'premium')),
    CONSTRAINT routes_priority_range CHECK (priority BETWEEN 0 AND 65535),
    CONSTRAINT routes_weight_range CHECK (weight BETWEEN 0 AND 65535),
    CONSTRAINT routes_enabled_flag CHECK (enabled IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
