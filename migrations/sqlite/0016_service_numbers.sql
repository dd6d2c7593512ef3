-- The emergency and service numbers of each country, and the providers that carry them.
CREATE TABLE service_numbers (
    id          INTEGER PRIMARY KEY,
    country     TEXT NOT NULL,
    number      TEXT NOT NULL,
    provider_id INTEGER NOT NULL,
    dialled_as  TEXT,
    priority    INTEGER NOT NULL DEFAULT 100,
    CONSTRAINT service_numbers_id_positive CHECK (id > 0),
    CONSTRAINT service_numbers_country_number_provider_id_unique UNIQUE (country, number, provider_id),
    CONSTRAINT service_numbers_country_exists FOREIGN KEY (country) REFERENCES countries (iso),
    CONSTRAINT service_numbers_provider_id_exists FOREIGN KEY (provider_id) REFERENCES providers (id),
    CONSTRAINT service_numbers_number_length CHECK (length(number) BETWEEN 1 AND 16),
    CONSTRAINT service_numbers_number_digits CHECK (number NOT GLOB '*[^0-9]*'),
    CONSTRAINT service_numbers_dialled_as_length CHECK (length(dialled_as) BETWEEN 1 AND 16),
    CONSTRAINT service_numbers_dialled_as_digits CHECK (dialled_as NOT GLOB '*[^0-9]*'),
    CONSTRAINT service_numbers_priority_range CHECK (priority BETWEEN 0 AND 65535)
) STRICT;
CREATE INDEX service_numbers_provider_id_index ON service_numbers (provider_id);
