-- Where calls to a leased number are answered: a phone, a group, or a place in the dialplan of the number's server.
CREATE TABLE number_destinations (
    id            BIGINT NOT NULL AUTO_INCREMENT,
    number_id     BIGINT NOT NULL,
    extension_id  BIGINT,
    ring_group_id BIGINT,
    context       VARCHAR(79),
    exten         VARCHAR(79),
    CONSTRAINT number_destinations_pk PRIMARY KEY (id),
    CONSTRAINT number_destinations_number_id_unique UNIQUE (number_id),
    CONSTRAINT number_destinations_number_id_exists FOREIGN KEY (number_id) REFERENCES numbers (id),
    CONSTRAINT number_destinations_extension_id_exists FOREIGN KEY (extension_id) REFERENCES extensions (id),
    CONSTRAINT number_destinations_ring_group_id_exists FOREIGN KEY (ring_group_id) REFERENCES ring_groups (id),
    CONSTRAINT number_destinations_context_length CHECK (context <> ''),
    CONSTRAINT number_destinations_exten_length CHECK (exten <> ''),
    CONSTRAINT number_destinations_context_with_exten CHECK ((context IS NULL) = (exten IS NULL)),
    CONSTRAINT number_destinations_one_place CHECK ((extension_id IS NOT NULL) + (ring_group_id IS NOT NULL) + (context IS NOT NULL) = 1)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
