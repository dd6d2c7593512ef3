-- The phones of ours.
CREATE TABLE extensions (
    id             BIGINT NOT NULL AUTO_INCREMENT,
    number         VARCHAR(16) NOT NULL,
    server_id      BIGINT NOT NULL,
    endpoint       VARCHAR(80) NOT NULL,
    number_id      BIGINT,
    class          VARCHAR(7) NOT NULL DEFAULT 'cli',
    dial_timeout_s INTEGER NOT NULL DEFAULT 60,
    enabled        BOOLEAN NOT NULL DEFAULT TRUE,
    CONSTRAINT extensions_pk PRIMARY KEY (id),
    CONSTRAINT extensions_number_unique UNIQUE (number),
    CONSTRAINT extensions_server_id_endpoint_unique UNIQUE (server_id, endpoint),
    CONSTRAINT extensions_server_id_exists FOREIGN KEY (server_id) REFERENCES servers (id),
    CONSTRAINT extensions_number_id_exists FOREIGN KEY (number_id) REFERENCES numbers (id),
    CONSTRAINT extensions_number_length CHECK (number <> ''),
    CONSTRAINT extensions_number_digits CHECK (number NOT REGEXP '[^0-9]'),
    CONSTRAINT extensions_endpoint_length CHECK (endpoint <> ''),
    CONSTRAINT extensions_class_word CHECK (class IN ('noncli', 'cli', 'premium')),
    CONSTRAINT extensions_dial_timeout_s_range CHECK (dial_timeout_s BETWEEN 1 AND 3600),
    CONSTRAINT extensions_enabled_flag CHECK (enabled IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
