-- What an address is for, over which transport and ports, how its name is looked up, from when until when it is valid
-- (UTC, the end not included), and where it came from.
ALTER TABLE provider_addresses ADD COLUMN purpose TEXT NOT NULL DEFAULT 'SIGNALLING'
    CONSTRAINT provider_addresses_purpose_word CHECK (purpose IN ('SIGNALLING', 'MEDIA', 'BOTH'));
-- NULL: every transport of the protocol.
ALTER TABLE provider_addresses ADD COLUMN transport TEXT
    CONSTRAINT provider_addresses_transport_word CHECK (transport IN ('UDP', 'TCP', 'TLS'));
-- NULL: the protocol's own.
ALTER TABLE provider_addresses ADD COLUMN port INTEGER
    CONSTRAINT provider_addresses_port_range CHECK (port BETWEEN 1 AND 65535);
ALTER TABLE provider_addresses ADD COLUMN port_to INTEGER
    CONSTRAINT provider_addresses_port_to_range CHECK (port_to IS NULL OR (port IS NOT NULL AND port_to BETWEEN port AND 65535));
ALTER TABLE provider_addresses ADD COLUMN lookup TEXT NOT NULL DEFAULT 'HOST'
    CONSTRAINT provider_addresses_lookup_word CHECK (lookup IN ('HOST', 'SRV'));
ALTER TABLE provider_addresses ADD COLUMN private_allowed INTEGER NOT NULL DEFAULT FALSE
    CONSTRAINT provider_addresses_private_allowed_flag CHECK (private_allowed IN (0, 1));
ALTER TABLE provider_addresses ADD COLUMN valid_from TEXT
    CONSTRAINT provider_addresses_valid_from_form CHECK (valid_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z');
ALTER TABLE provider_addresses ADD COLUMN valid_to TEXT
    CONSTRAINT provider_addresses_valid_to_form CHECK (valid_to GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z')
    CONSTRAINT provider_addresses_valid_to_order CHECK (valid_to > valid_from);
ALTER TABLE provider_addresses ADD COLUMN source TEXT
    CONSTRAINT provider_addresses_source_length CHECK (length(source) <= 200);
ALTER TABLE provider_addresses ADD COLUMN comment TEXT
    CONSTRAINT provider_addresses_comment_length CHECK (length(comment) <= 1000);
