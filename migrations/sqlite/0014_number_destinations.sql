-- Where calls to a leased number are answered: a phone, a group, or a place in the dialplan of the number's server.
CREATE TABLE number_destinations (
    id            INTEGER PRIMARY KEY,
    number_id     INTEGER NOT NULL,
    extension_id  INTEGER,
    ring_group_id INTEGER,
    context       TEXT,
    exten         TEXT,
    CONSTRAINT number_destinations_id_positive CHECK (id > 0),
    CONSTRAINT number_destinations_number_id_unique UNIQUE (number_id),
    CONSTRAINT number_destinations_number_id_exists FOREIGN KEY (number_id) REFERENCES numbers (id),
    CONSTRAINT number_destinations_extension_id_exists FOREIGN KEY (extension_id) REFERENCES extensions (id),
    CONSTRAINT number_destinations_ring_group_id_exists FOREIGN KEY (ring_group_id) REFERENCES ring_groups (id),
    CONSTRAINT number_destinations_context_length CHECK (length(context) BETWEEN 1 AND 79),
    CONSTRAINT number_destinations_exten_length CHECK (length(exten) BETWEEN 1 AND 79),
    CONSTRAINT number_destinations_context_with_exten CHECK ((context IS NULL) = (exten IS NULL)),
    CONSTRAINT number_destinations_one_place CHECK ((extension_id IS NOT NULL) + (ring_group_id IS NOT NULL) + (context IS NOT NULL) = 1)
) STRICT;
CREATE INDEX number_destinations_extension_id_index ON number_destinations (extension_id);
CREATE INDEX number_destinations_ring_group_id_index ON number_destinations (ring_group_id);
