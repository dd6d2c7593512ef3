-- How far records were ever removed: `removed_us` goes back where a hold is released, the records do not come back. Sums of
-- what is gone are never made anew.
ALTER TABLE retention_progress ADD COLUMN gone_us INTEGER NOT NULL DEFAULT 0;
UPDATE retention_progress SET gone_us = removed_us;
