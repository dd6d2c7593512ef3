-- The pool of leased numbers. A number without a server is not assigned yet.
CREATE TABLE numbers (
    id          INTEGER PRIMARY KEY,
    number      TEXT NOT NULL,
    provider_id INTEGER NOT NULL,
    server_id   INTEGER,
    enabled     INTEGER NOT NULL DEFAULT TRUE,
    direction   TEXT NOT NULL,
    virtualflag INTEGER NOT NULL DEFAULT FALSE,
    echotest    INTEGER NOT NULL DEFAULT FALSE,
    CONSTRAINT numbers_id_positive CHECK (id > 0),
    CONSTRAINT numbers_number_unique UNIQUE (number),
    CONSTRAINT numbers_provider_id_exists FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT numbers_server_id_exists FOREIGN KEY (server_id) REFERENCES servers (id),
    CONSTRAINT numbers_number_length CHECK (length(number) BETWEEN 1 AND 15),
    CONSTRAINT numbers_number_digits CHECK (number NOT GLOB '*[^0-9]*'),
    CONSTRAINT numbers_number_leading_zero CHECK (number NOT LIKE '0%'),
    CONSTRAINT numbers_enabled_flag CHECK (enabled IN (0, 1)),
    CONSTRAINT numbers_direction_word CHECK (direction IN ('IN', 'OUT', 'IN/OUT')),
    CONSTRAINT numbers_virtualflag_flag CHECK (virtualflag IN (0, 1)),
    CONSTRAINT numbers_echotest_flag CHECK (echotest IN (0, 1))
) STRICT;
CREATE INDEX numbers_provider_id_index ON numbers (provider_id);
CREATE INDEX numbers_server_id_index ON numbers (server_id);
