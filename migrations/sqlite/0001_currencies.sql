-- What providers bill in. `numcode` is the ISO 4217 number: 643 for RUB.
CREATE TABLE currencies (
    id      INTEGER PRIMARY KEY,
    iso     TEXT NOT NULL,
    numcode INTEGER NOT NULL,
    name    TEXT NOT NULL,
    CONSTRAINT currencies_id_positive CHECK (id > 0),
    CONSTRAINT currencies_iso_unique UNIQUE (iso),
    CONSTRAINT currencies_iso_length CHECK (length(iso) = 3),
    CONSTRAINT currencies_iso_letters CHECK (iso NOT GLOB '*[^A-Z]*'),
    CONSTRAINT currencies_numcode_range CHECK (numcode BETWEEN 1 AND 999),
    CONSTRAINT currencies_name_length CHECK (length(name) BETWEEN 1 AND 200)
) STRICT;
