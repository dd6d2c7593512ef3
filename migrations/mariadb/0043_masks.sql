-- When the numbers of a call or a decision were masked for good, with all that tells them: `caller_raw` and `called_raw`
-- hold what is left of them then. NULL: they are whole.
ALTER TABLE calls ADD COLUMN masked_us BIGINT;
ALTER TABLE decisions ADD COLUMN masked_us BIGINT;
