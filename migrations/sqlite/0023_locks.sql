-- Whoever updates a row holds that lock to the end of the transaction.
CREATE TABLE locks (
    name TEXT NOT NULL,
    CONSTRAINT locks_pk PRIMARY KEY (name),
    CONSTRAINT locks_name_length CHECK (length(name) BETWEEN 1 AND 50)
) STRICT;
