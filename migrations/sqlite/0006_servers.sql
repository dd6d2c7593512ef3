-- The Asterisk servers; `servername` is the `systemname` of each.
CREATE TABLE servers (
    id          INTEGER PRIMARY KEY,
    servername  TEXT NOT NULL,
    location    TEXT NOT NULL,
    ipaddress   TEXT,
    comment     TEXT,
    sip         TEXT,
    iax2        TEXT,
    iax2control TEXT,
    protocol    TEXT NOT NULL DEFAULT 'SIP',
    sip_driver  TEXT NOT NULL DEFAULT 'pjsip',
    enabled     INTEGER NOT NULL DEFAULT TRUE,
    CONSTRAINT servers_id_positive CHECK (id > 0),
    CONSTRAINT servers_servername_unique UNIQUE (servername),
    CONSTRAINT servers_location_exists FOREIGN KEY (location) REFERENCES countries (iso),
    CONSTRAINT servers_servername_length CHECK (length(servername) BETWEEN 1 AND 50),
    CONSTRAINT servers_ipaddress_length CHECK (length(ipaddress) BETWEEN 1 AND 43),
    CONSTRAINT servers_ipaddress_loopback CHECK (ipaddress NOT LIKE '127.%' AND ipaddress NOT LIKE '0.%' AND ipaddress <> '::1'),
    CONSTRAINT servers_comment_length CHECK (length(comment) <= 200),
    CONSTRAINT servers_sip_length CHECK (length(sip) BETWEEN 1 AND 170),
    CONSTRAINT servers_iax2_length CHECK (length(iax2) BETWEEN 1 AND 170),
    CONSTRAINT servers_iax2control_length CHECK (length(iax2control) BETWEEN 1 AND 170),
    CONSTRAINT servers_protocol_word CHECK (protocol IN ('SIP', 'IAX2')),
    CONSTRAINT servers_sip_driver_word CHECK (sip_driver IN ('sip', 'pjsip')),
    CONSTRAINT servers_enabled_flag CHECK (enabled IN (0, 1))
) STRICT;
CREATE INDEX servers_location_index ON servers (location);
