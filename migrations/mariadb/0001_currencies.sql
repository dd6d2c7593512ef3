-- What providers bill in. `numcode` is the ISO 4217 number: 643 for RUB.
CREATE TABLE currencies (
    id      BIGINT NOT NULL AUTO_INCREMENT,
    iso     VARCHAR(3) NOT NULL,
    numcode INTEGER NOT NULL,
    name    VARCHAR(200) NOT NULL,
    CONSTRAINT currencies_pk PRIMARY KEY (id),
    CONSTRAINT currencies_iso_unique UNIQUE (iso),
    CONSTRAINT currencies_iso_length CHECK (char_length(iso) = 3),
    CONSTRAINT currencies_iso_letters CHECK (iso NOT REGEXP '[^A-Z]'),
    CONSTRAINT currencies_numcode_range CHECK (numcode BETWEEN 1 AND 999),
    CONSTRAINT currencies_name_length CHECK (name <> '')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
