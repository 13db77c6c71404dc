-- The parts of a list are stored as they are: compressing them takes longer than reading them, and they are kept for weeks, not for years.
-- No Python twin; afiliacion/roll/stored_file.py writes the parts.
-- Test: tests/operations/test_migrations.py, test_what_no_model_says_of_a_column_is_set.
ALTER TABLE roll_part ALTER COLUMN body SET STORAGE EXTERNAL;
