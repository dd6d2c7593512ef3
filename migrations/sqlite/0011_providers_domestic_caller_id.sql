-- Whether a number of the called country may be shown: many networks refuse or rewrite a domestic number that arrives
-- over an international trunk.
ALTER TABLE providers ADD COLUMN domestic_caller_id INTEGER NOT NULL DEFAULT TRUE
    CONSTRAINT providers_domestic_caller_id_flag CHECK (domestic_caller_id IN (0, 1));
