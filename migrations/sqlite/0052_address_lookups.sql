-- What is known of the host names in `provider_addresses`: when DNS was asked, what it said, when it is asked next. Times
-- are microseconds of UTC.
CREATE TABLE address_lookups (
    provider_address_id INTEGER NOT NULL,
    -- What is asked: another question begins anew.
    question            TEXT NOT NULL,
    -- JSON: addresses in use, and addresses that were seen.
    sights              TEXT NOT NULL,
    asked_us            INTEGER,
    -- The last good answer.
    good_us             INTEGER,
    changed_us          INTEGER,
    next_us             INTEGER NOT NULL,
    failures            INTEGER NOT NULL,
    failure             TEXT,
    CONSTRAINT address_lookups_pk PRIMARY KEY (provider_address_id)
) STRICT;
-- What DNS said and nobody believes until a person does.
CREATE TABLE quarantined_addresses (
    id                  INTEGER PRIMARY KEY,
    provider_address_id INTEGER NOT NULL,
    address             TEXT NOT NULL,
    suspicion           TEXT NOT NULL,
    first_us            INTEGER NOT NULL,
    last_us             INTEGER NOT NULL,
    state               TEXT NOT NULL,
    decided_us          INTEGER,
    CONSTRAINT quarantined_addresses_unique UNIQUE (provider_address_id, address),
    CONSTRAINT quarantined_addresses_state_word CHECK (state IN ('waiting', 'approved', 'rejected'))
) STRICT;
-- Whose turn it is to ask DNS: one process at a time. `until_us` is by the database's clock.
CREATE TABLE resolver_turn (
    id       INTEGER NOT NULL,
    holder   TEXT NOT NULL,
    until_us INTEGER NOT NULL,
    CONSTRAINT resolver_turn_pk PRIMARY KEY (id)
) STRICT;
INSERT INTO resolver_turn (id, holder, until_us) VALUES (1, '', 0);
