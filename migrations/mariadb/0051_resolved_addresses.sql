-- What the host names of `provider_addresses` stand for, as DNS said. There is no reference: a configuration of another
-- day may lack the address, and then its rows say nothing.
CREATE TABLE resolved_addresses (
    id                  BIGINT NOT NULL AUTO_INCREMENT,
    provider_address_id BIGINT NOT NULL,
    network             VARCHAR(43) NOT NULL,
    -- NULL: that of the address.
    port                INTEGER,
    CONSTRAINT resolved_addresses_pk PRIMARY KEY (id),
    CONSTRAINT resolved_addresses_network_length CHECK (network <> ''),
    CONSTRAINT resolved_addresses_network_loopback CHECK (network NOT LIKE '127.%' AND network NOT LIKE '0.%' AND network <> '::1'),
    CONSTRAINT resolved_addresses_port_range CHECK (port BETWEEN 1 AND 65535)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
