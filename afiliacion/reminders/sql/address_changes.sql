-- When the e-mail of a student or a tutor changed, in whatever way: a form, a list, a link, by hand. A first address of a student, given
-- with the student's row, is no change; of a tutor it is, for tutors are always added later.
-- No Python twin. Test: tests/student_page/test_take_over.py, test_h3_whoever_changes_the_address_first_gets_no_code.
CREATE OR REPLACE FUNCTION reminders_note_address_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'students_student' THEN
    INSERT INTO reminders_addresschange (student_id, whose, at, untold) VALUES (NEW.id, 'student', clock_timestamp(), false);
  ELSE
    INSERT INTO reminders_addresschange (student_id, whose, at, untold) VALUES (NEW.student_id, 'tutor', clock_timestamp(), false);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER students_student_address_changed AFTER UPDATE OF email ON students_student FOR EACH ROW
  WHEN (lower(btrim(OLD.email)) IS DISTINCT FROM lower(btrim(NEW.email))) EXECUTE FUNCTION reminders_note_address_change();
CREATE OR REPLACE TRIGGER reminders_tutor_address_changed AFTER UPDATE OF email ON reminders_tutor FOR EACH ROW
  WHEN (lower(btrim(OLD.email)) IS DISTINCT FROM lower(btrim(NEW.email))) EXECUTE FUNCTION reminders_note_address_change();
CREATE OR REPLACE TRIGGER reminders_tutor_address_given AFTER INSERT ON reminders_tutor FOR EACH ROW
  EXECUTE FUNCTION reminders_note_address_change();
