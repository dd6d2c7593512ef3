-- The phones of ours.
CREATE TABLE extensions (
    id             INTEGER PRIMARY KEY,
    number         TEXT NOT NULL,
    server_id      INTEGER NOT NULL,
    endpoint       TEXT NOT NULL,
    number_id      INTEGER,
    class          TEXT NOT NULL DEFAULT 'cli',
    dial_timeout_s INTEGER NOT NULL DEFAULT 60,
    enabled        INTEGER NOT NULL DEFAULT TRUE,
    CONSTRAINT extensions_id_positive CHECK (id > 0),
    CONSTRAINT extensions_number_unique UNIQUE (number),
    CONSTRAINT extensions_server_id_endpoint_unique UNIQUE (server_id, endpoint),
    CONSTRAINT extensions_server_id_exists FOREIGN KEY (server_id) REFERENCES servers (id),
    CONSTRAINT extensions_number_id_exists FOREIGN KEY (number_id) REFERENCES numbers (id),
    CONSTRAINT extensions_number_length CHECK (length(number) BETWEEN 1 AND 16),
    CONSTRAINT extensions_number_digits CHECK (number NOT GLOB '*[^0-9]*'),
    CONSTRAINT extensions_endpoint_length CHECK (length(endpoint) BETWEEN 1 AND 80),
    CONSTRAINT extensions_class_word CHECK (class IN ('noncli', 'cli', 'premium')),
    CONSTRAINT extensions_dial_timeout_s_range CHECK (dial_timeout_s BETWEEN 1 AND 3600),
    CONSTRAINT extensions_enabled_flag CHECK (enabled IN (0, 1))
) STRICT;
CREATE INDEX extensions_number_id_index ON extensions (number_id);
