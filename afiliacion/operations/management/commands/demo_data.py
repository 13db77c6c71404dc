"""`manage.py demo_data`: the demo's school, in the middle of a term that ends today. Does nothing where there is a school already."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.movements import ready
from afiliacion.movements.models import Movement
from afiliacion.movements.wanted import wanting_alta
from afiliacion.operations.simulation.imss_control import StandInControl
from afiliacion.operations.simulation.rehearsal import Day, rehearse
from afiliacion.operations.simulation.school import BY_LOTES
from students.models import Plantel, StaffPost

#: More than 1,500 have enrolled by the day the demo begins; the rest come later in the term.
STUDENTS: Final = 1650
#: Days before today on which no lote was made, so that Movimientos has something ready.
UNSENT: Final = 6
#: What becomes of the first altas in it: one refused at once, one rejected for its name, one answered later.
STORIES: Final = ("rechazado_de_entrada", "otro_nombre", "contestado_tarde")
#: Protects nothing: the demo listens on this machine only, and a real office makes its own users.
PASSWORD: Final = "afiliacion-de-muestra"  # noqa: S105
OFFICERS: Final = {
    "begona": ("Begoña", "Ñáñez Ordóñez", "PREPA7"),
    "inaki": ("Iñaki", "De la O Güemes", "CBTA92"),
    "xochitl": ("Xóchitl", "Uc Pech", "UTCOSTA"),
}


class Command(BaseCommand):
    help = "Carga la escuela de la demo: tres planteles y 1,500 alumnos inventados, a la mitad de un ciclo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Los datos de muestra solo se cargan en la demo: ./run demo")
        if not Plantel.objects.exists():
            self._simulate_term()
        self._users()
        self.stdout.write(self._logins())

    def _simulate_term(self) -> None:
        today = timezone.localdate()
        starts_on = dt.date.fromisoformat(StandInControl(settings.IMSS_URL).date())
        days = (today - starts_on).days + 1

        def show(day: Day) -> None:
            if day.date.weekday() == 0 or day.date == today:
                self.stdout.write(f"  {day.date:%d/%m/%Y}: {day.states.total()} expedientes", ending="\n")
                self.stdout.flush()

        played = rehearse(students=STUDENTS, starts_on=starts_on, days=days, seed=7, on_day=show, unsent_days=UNSENT)
        if played.errors:
            raise CommandError("El ciclo de muestra tuvo errores: " + "; ".join(played.errors[:5]))
        self._prepare_lote(today)

    def _prepare_lote(self, today: dt.date) -> None:
        """Of the altas that wait for the visitor's lote, IMSS will not take all."""
        first = Case.objects.filter(plantel__clave=BY_LOTES).exclude(pk__in=Movement.objects.values("case"))
        waiting = ready.altas(wanting_alta(first), today, len(STORIES))
        curps = [each.case.student.curp for each in waiting if not each.held]
        StandInControl(settings.IMSS_URL).tell(dict(zip(curps, STORIES, strict=False)))

    def _users(self) -> None:
        for username, (first, last, clave) in OFFICERS.items():
            self._user(username, first, last, Plantel.objects.get(clave=clave))
        self._user("coordinacion", "Úrsula", "Ibáñez Canul", None)
        if not get_user_model().objects.filter(username="sistemas").exists():
            admin = get_user_model().objects.create_superuser("sistemas", password=PASSWORD, first_name="Sistemas")
            StaffPost.objects.create(user=admin)

    def _user(self, username: str, first: str, last: str, plantel: Plantel | None) -> None:
        users = get_user_model().objects
        if users.filter(username=username).exists():
            return
        email = f"{username}@escuela.example.mx"
        user = users.create_user(username, email, PASSWORD, first_name=first, last_name=last, is_staff=True)
        StaffPost.objects.create(user=user, plantel=plantel)

    def _logins(self) -> str:
        names = [f"{username:<13} responsable de {clave}" for username, (_, _, clave) in OFFICERS.items()]
        names += [f"{'coordinacion':<13} todos los planteles", f"{'sistemas':<13} además, la administración en /admin/"]
        text = "\n".join([f"  Contraseña de todos: {PASSWORD}", *(f"    {name}" for name in names)])
        Path(settings.DATA_DIR, "demo-logins.txt").write_text(f"{text}\n", encoding="utf-8")
        return text
