-- When a call began: its start where that was seen, else its creation. Lists of calls stand in this order.
CREATE INDEX calls_began_index ON calls ((COALESCE(start_us, created_us)));
