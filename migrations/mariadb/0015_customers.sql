-- Known callers, who reach the phone of their manager first.
CREATE TABLE customers (
    id           BIGINT NOT NULL AUTO_INCREMENT,
    number       VARCHAR(15) NOT NULL,
    extension_id BIGINT NOT NULL,
    comment      VARCHAR(200),
    CONSTRAINT customers_pk PRIMARY KEY (id),
    CONSTRAINT customers_number_unique UNIQUE (number),
    CONSTRAINT customers_extension_id_exists FOREIGN KEY (extension_id) REFERENCES extensions (id),
    CONSTRAINT customers_number_length CHECK (number <> ''),
    CONSTRAINT customers_number_digits CHECK (number NOT REGEXP '[^0-9]'),
    CONSTRAINT customers_number_leading_zero CHECK (number NOT LIKE '0%')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
