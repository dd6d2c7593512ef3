-- The dial peer through which calls that show one number must go, on one server.
CREATE TABLE gates (
    id          BIGINT NOT NULL AUTO_INCREMENT,
    number_id   BIGINT NOT NULL,
    server_id   BIGINT NOT NULL,
    gatename    VARCHAR(80) NOT NULL,
    gatenumber  VARCHAR(15) NOT NULL,
    cid_support BOOLEAN NOT NULL DEFAULT TRUE,
    contextname VARCHAR(79),
    comment     VARCHAR(200),
    CONSTRAINT gates_pk PRIMARY KEY (id),
    CONSTRAINT gates_gatename_gatenumber_unique UNIQUE (gatename, gatenumber),
    CONSTRAINT gates_number_id_exists FOREIGN KEY (number_id) REFERENCES numbers (id),
    CONSTRAINT gates_server_id_exists FOREIGN KEY (server_id) REFERENCES servers (id),
    CONSTRAINT gates_gatename_length CHECK (gatename <> ''),
    CONSTRAINT gates_gatenumber_length CHECK (gatenumber <> ''),
    CONSTRAINT gates_gatenumber_digits CHECK (gatenumber NOT REGEXP '[^0-9]'),
    CONSTRAINT gates_gatenumber_leading_zero CHECK (gatenumber NOT LIKE '0%'),
    CONSTRAINT gates_cid_support_flag CHECK (cid_support IN (0, 1)),
    CONSTRAINT gates_contextname_length CHECK (contextname <> '')
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
