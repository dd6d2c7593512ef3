-- Known callers, who reach the phone of their manager first.
CREATE TABLE customers (
    id           INTEGER PRIMARY KEY,
    number       TEXT NOT NULL,
    extension_id INTEGER NOT NULL,
    comment      TEXT,
    CONSTRAINT customers_id_positive CHECK (id > 0),
    CONSTRAINT customers_number_unique UNIQUE (number),
    CONSTRAINT customers_extension_id_exists FOREIGN KEY (extension_id) REFERENCES extensions (id),
    CONSTRAINT customers_number_length CHECK (length(number) BETWEEN 1 AND 15),
    CONSTRAINT customers_number_digits CHECK (number NOT GLOB '*[^0-9]*'),
    CONSTRAINT customers_number_leading_zero CHECK (number NOT LIKE '0%'),
    CONSTRAINT customers_comment_length CHECK (length(comment) <= 200)
) STRICT;
CREATE INDEX customers_extension_id_index ON customers (extension_id);
