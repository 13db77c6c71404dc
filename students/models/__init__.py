"""The registry: who studies where. Filled by the import (afiliacion/roll); independent of cases."""

from students.models.people import Enrolment, FormerValue, Student
from students.models.places import Calendar, Ciclo, NonWorkingDay, Plantel, RegistroPatronal, StaffPost

__all__ = ["Calendar", "Ciclo", "Enrolment", "FormerValue", "NonWorkingDay", "Plantel", "RegistroPatronal", "StaffPost", "Student"]
