-- What the host names of `provider_addresses` stand for, as DNS said. There is no reference: a configuration of another
-- day may lack the address, and then its rows say nothing.
CREATE TABLE resolved_addresses (
    id                  INTEGER PRIMARY KEY,
    provider_address_id INTEGER NOT NULL,
    network             TEXT NOT NULL,
    -- NULL: that of the address.
    port                INTEGER,
    CONSTRAINT resolved_addresses_id_positive CHECK (id > 0),
    CONSTRAINT resolved_addresses_network_length CHECK (length(network) BETWEEN 1 AND 43),
    CONSTRAINT resolved_addresses_network_loopback CHECK (network NOT LIKE '127.%' AND network NOT LIKE '0.%' AND network <> '::1'),
    CONSTRAINT resolved_addresses_port_range CHECK (port BETWEEN 1 AND 65535)
) STRICT;
