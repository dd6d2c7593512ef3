-- Whole questions stand there, too: who asked to see whole numbers (numbers_shown), and of what. A text has any length here.
SELECT 0;
