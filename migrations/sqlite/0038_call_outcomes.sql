-- What the decision says of an attempt and of its call, and what became of both; not the recorder's to write. A newer
-- revision brings its attempts without.
ALTER TABLE call_attempts ADD COLUMN provider INTEGER;
ALTER TABLE call_attempts ADD COLUMN kind TEXT;
ALTER TABLE call_attempts ADD COLUMN prefix TEXT;
ALTER TABLE call_attempts ADD COLUMN country TEXT;
ALTER TABLE call_attempts ADD COLUMN outcome TEXT;
ALTER TABLE calls ADD COLUMN country TEXT;
ALTER TABLE calls ADD COLUMN outcome TEXT;
