-- What an address is for, over which transport and ports, how its name is looked up, from when until when it is valid
-- (UTC, the end not included), and where it came from. `transport` NULL: every one of the protocol; `port` NULL: its own.
ALTER TABLE provider_addresses
    ADD COLUMN purpose         VARCHAR(10) NOT NULL DEFAULT 'SIGNALLING',
    ADD COLUMN transport       VARCHAR(3),
    ADD COLUMN port            INTEGER,
    ADD COLUMN port_to         INTEGER,
    ADD COLUMN lookup          VARCHAR(4) NOT NULL DEFAULT 'HOST',
    ADD COLUMN private_allowed BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN valid_from      VARCHAR(20),
    ADD COLUMN valid_to        VARCHAR(20),
    ADD COLUMN source          VARCHAR(200),
    ADD COLUMN comment         VARCHAR(1000),
    ADD CONSTRAINT provider_addresses_purpose_word CHECK (purpose IN ('SIGNALLING', 'MEDIA', 'BOTH')),
    ADD CONSTRAINT provider_addresses_transport_word CHECK (transport IN ('UDP', 'TCP', 'TLS')),
    ADD CONSTRAINT provider_addresses_port_range CHECK (port BETWEEN 1 AND 65535),
    ADD CONSTRAINT provider_addresses_port_to_range CHECK (port_to IS NULL OR (port IS NOT NULL AND port_to BETWEEN port AND 65535)),
    ADD CONSTRAINT provider_addresses_lookup_word CHECK (lookup IN ('HOST', 'SRV')),
    ADD CONSTRAINT provider_addresses_private_allowed_flag CHECK (private_allowed IN (0, 1)),
    ADD CONSTRAINT provider_addresses_valid_from_form CHECK (valid_from REGEXP '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'),
    ADD CONSTRAINT provider_addresses_valid_to_form CHECK (valid_to REGEXP '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'),
    ADD CONSTRAINT provider_addresses_valid_to_order CHECK (valid_to > valid_from);
