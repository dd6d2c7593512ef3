-- The pool of leased numbers. A number without a server is not assigned yet.
CREATE TABLE numbers (
    id          BIGINT NOT NULL AUTO_INCREMENT,
    number      VARCHAR(15) NOT NULL,
    provider_id BIGINT NOT NULL,
    server_id   BIGINT,
    enabled     BOOLEAN NOT NULL DEFAULT TRUE,
    direction   VARCHAR(6) NOT NULL,
    virtualflag BOOLEAN NOT NULL DEFAULT FALSE,
    echotest    BOOLEAN NOT NULL DEFAULT FALSE,
    CONSTRAINT numbers_pk PRIMARY KEY (id),
    CONSTRAINT numbers_number_unique UNIQUE (number),
    CONSTRAINT numbers_provider_id_exists FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT numbers_server_id_exists FOREIGN KEY (server_id) REFERENCES servers (id),
    CONSTRAINT numbers_number_length CHECK (number <> ''),
    CONSTRAINT numbers_number_digits CHECK (number NOT REGEXP '[^0-9]'),
    CONSTRAINT numbers_number_leading_zero CHECK (number NOT LIKE '0%'),
    CONSTRAINT numbers_enabled_flag CHECK (enabled IN (0, 1)),
    CONSTRAINT numbers_direction_word CHECK (direction IN ('IN', 'OUT', 'IN/OUT')),
    CONSTRAINT numbers_virtualflag_flag CHECK (virtualflag IN (0, 1)),
    CONSTRAINT numbers_echotest_flag CHECK (echotest IN (0, 1))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
