-- How often a syllable stands in names is known finely enough to tell a rare name from a common one.
-- No Python twin; afiliacion/dashboard/worklist/search.py is planned by it.
-- Test: tests/operations/test_migrations.py, test_what_no_model_says_of_a_column_is_set.
ALTER TABLE students_student ALTER COLUMN name_search SET STATISTICS 1000;
