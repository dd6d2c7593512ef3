-- The dial peer through which calls that show one number must go, on one server.
CREATE TABLE gates (
    id          INTEGER PRIMARY KEY,
    number_id   INTEGER NOT NULL,
    server_id   INTEGER NOT NULL,
    gatename    TEXT NOT NULL,
    gatenumber  TEXT NOT NULL,
    cid_support INTEGER NOT NULL DEFAULT TRUE,
    contextname TEXT,
    comment     TEXT,
    CONSTRAINT gates_id_positive CHECK (id > 0),
    CONSTRAINT gates_gatename_gatenumber_unique UNIQUE (gatename, gatenumber),
    CONSTRAINT gates_number_id_exists FOREIGN KEY (number_id) REFERENCES numbers (id),
    CONSTRAINT gates_server_id_exists FOREIGN KEY (server_id) REFERENCES servers (id),
    CONSTRAINT gates_gatename_length CHECK (length(gatename) BETWEEN 1 AND 80),
    CONSTRAINT gates_gatenumber_length CHECK (length(gatenumber) BETWEEN 1 AND 15),
    CONSTRAINT gates_gatenumber_digits CHECK (gatenumber NOT GLOB '*[^0-9]*'),
    CONSTRAINT gates_gatenumber_leading_zero CHECK (gatenumber NOT LIKE '0%'),
    CONSTRAINT gates_cid_support_flag CHECK (cid_support IN (0, 1)),
    CONSTRAINT gates_contextname_length CHECK (length(contextname) BETWEEN 1 AND 79),
    CONSTRAINT gates_comment_length CHECK (length(comment) <= 200)
) STRICT;
CREATE INDEX gates_number_id_index ON gates (number_id);
CREATE INDEX gates_server_id_index ON gates (server_id);
