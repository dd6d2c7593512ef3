-- Whole questions stand there, too: who asked to see whole numbers (numbers_shown), and of what.
ALTER TABLE audit ALTER COLUMN subject TYPE VARCHAR(2000);
