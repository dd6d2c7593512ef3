-- Whoever updates a row holds that lock to the end of the transaction.
CREATE TABLE locks (
    name VARCHAR(50) NOT NULL,
    CONSTRAINT locks_pk PRIMARY KEY (name),
    CONSTRAINT locks_name_length CHECK (name <> '')
);
