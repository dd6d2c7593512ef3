-- Where a provider is reached or calls from. An `ipaddress` that is not resolved is absent, never 127.0.0.1.
CREATE TABLE provider_addresses (
    id          INTEGER PRIMARY KEY,
    provider_id INTEGER NOT NULL,
    domainname  TEXT NOT NULL,
    ipaddress   TEXT,
    endpoint    TEXT,
    direction   TEXT NOT NULL,
    proto       TEXT NOT NULL DEFAULT 'SIP',
    priority    INTEGER NOT NULL DEFAULT 100,
    weight      INTEGER NOT NULL DEFAULT 100,
    enabled     INTEGER NOT NULL DEFAULT TRUE,
    CONSTRAINT provider_addresses_id_positive CHECK (id > 0),
    CONSTRAINT provider_addresses_provider_id_exists FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT provider_addresses_domainname_length CHECK (length(domainname) BETWEEN 1 AND 253),
    CONSTRAINT provider_addresses_domainname_loopback CHECK (domainname NOT LIKE '127.%' AND domainname NOT LIKE '0.%' AND domainname <> '::1'),
    CONSTRAINT provider_addresses_ipaddress_length CHECK (length(ipaddress) BETWEEN 1 AND 43),
    CONSTRAINT provider_addresses_ipaddress_loopback CHECK (ipaddress NOT LIKE '127.%' AND ipaddress NOT LIKE '0.%' AND ipaddress <> '::1'),
    CONSTRAINT provider_addresses_endpoint_length CHECK (length(endpoint) BETWEEN 1 AND 80),
    CONSTRAINT provider_addresses_direction_word CHECK (direction IN ('IN', 'OUT', 'IN/OUT')),
    CONSTRAINT provider_addresses_proto_word CHECK (proto IN ('SIP', 'IAX2', 'H323')),
    CONSTRAINT provider_addresses_priority_range CHECK (priority BETWEEN 0 AND 65535),
    CONSTRAINT provider_addresses_weight_range CHECK (weight BETWEEN 0 AND 65535),
    CONSTRAINT provider_addresses_enabled_flag CHECK (enabled IN (0, 1))
) STRICT;
CREATE INDEX provider_addresses_provider_id_index ON provider_addresses (provider_id);
