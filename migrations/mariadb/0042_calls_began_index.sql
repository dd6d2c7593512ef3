-- When a call began: its start where that was seen, else its creation. Lists of calls stand in this order. An index is on
-- columns only, so this is one, which takes no room in the rows; and in a table of several parts the order goes on by
-- the key only where the index says so.
ALTER TABLE calls
    ADD COLUMN began_us BIGINT GENERATED ALWAYS AS (COALESCE(start_us, created_us)) VIRTUAL,
    ADD INDEX calls_began_index (began_us, node, created_us, unique_id);
