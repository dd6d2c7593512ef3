-- The emergency and service numbers of each country, and the providers that carry them.
CREATE TABLE service_numbers (
    id          BIGINT NOT NULL AUTO_INCREMENT,
    country     VARCHAR(2) NOT NULL,
    number      VARCHAR(16) NOT NULL,
    provider_id BIGINT NOT NULL,
    dialled_as  VARCHAR(16),
    priority    INTEGER NOT NULL DEFAULT 100,
    CONSTRAINT service_numbers_pk PRIMARY KEY (id),
    CONSTRAINT service_numbers_country_number_provider_id_unique UNIQUE (country, number, provider_id),
    CONSTRAINT service_numbers_country_exists FOREIGN KEY (country) REFERENCES countries (iso),
    CONSTRAINT service_numbers_provider_id_exists FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT service_numbers_number_length CHECK (number <> ''),
    CONSTRAINT service_numbers_number_digits CHECK (number NOT REGEXP '[^0-9]'),
    CONSTRAINT service_numbers_dialled_as_length CHECK (dialled_as <> ''),
    CONSTRAINT service_numbers_dialled_as_digits CHECK (dialled_as NOT REGEXP '[^0-9]'),
    CONSTRAINT service_numbers_priority_range CHECK (priority BETWEEN 0 AND 65535)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
