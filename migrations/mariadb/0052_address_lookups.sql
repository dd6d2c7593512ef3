-- What is known of the host names in `provider_addresses`: when DNS was asked, what it said, when it is asked next. Times
-- are microseconds of UTC.
CREATE TABLE address_lookups (
    provider_address_id BIGINT NOT NULL,
    -- What is asked: another question begins anew.
    question            VARCHAR(300) NOT NULL,
    -- JSON: addresses in use, and addresses that were seen.
    sights              MEDIUMTEXT NOT NULL,
    asked_us            BIGINT,
    -- The last good answer.
    good_us             BIGINT,
    changed_us          BIGINT,
    next_us             BIGINT NOT NULL,
    failures            BIGINT NOT NULL,
    failure             VARCHAR(20),
    CONSTRAINT address_lookups_pk PRIMARY KEY (provider_address_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- What DNS said and nobody believes until a person does.
CREATE TABLE quarantined_addresses (
    id                  BIGINT NOT NULL AUTO_INCREMENT,
    provider_address_id BIGINT NOT NULL,
    address             VARCHAR(45) NOT NULL,
    suspicion           VARCHAR(20) NOT NULL,
    first_us            BIGINT NOT NULL,
    last_us             BIGINT NOT NULL,
    state               VARCHAR(8) NOT NULL,
    decided_us          BIGINT,
    CONSTRAINT quarantined_addresses_pk PRIMARY KEY (id),
    CONSTRAINT quarantined_addresses_unique UNIQUE (provider_address_id, address),
    CONSTRAINT quarantined_addresses_state_word CHECK (state IN ('waiting', 'approved', 'rejected'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- Whose turn it is to ask DNS: one process at a time. `until_us` is by the database's clock.
CREATE TABLE resolver_turn (
    id       BIGINT NOT NULL,
    holder   VARCHAR(200) NOT NULL,
    until_us BIGINT NOT NULL,
    CONSTRAINT resolver_turn_pk PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
INSERT INTO resolver_turn (id, holder, until_us) VALUES (1, '', 0);
