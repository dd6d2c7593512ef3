-- What the decision says of an attempt and of its call, and what became of both; not the recorder's to write. A newer
-- revision brings its attempts without.
ALTER TABLE call_attempts ADD COLUMN provider BIGINT, ADD COLUMN kind VARCHAR(20), ADD COLUMN prefix VARCHAR(15), ADD COLUMN country VARCHAR(2), ADD COLUMN outcome VARCHAR(20);
ALTER TABLE calls ADD COLUMN country VARCHAR(2), ADD COLUMN outcome VARCHAR(20);
