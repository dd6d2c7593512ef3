-- Whole questions stand there, too: who asked to see whole numbers (numbers_shown), and of what.
ALTER TABLE audit MODIFY COLUMN subject VARCHAR(2000) NOT NULL;
