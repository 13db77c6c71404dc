"""What a list asks before it is loaded: how its dates are read, what words of the school mean, whether hidden rows are students."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.student_lists.remarks import labelled
from afiliacion.dashboard.student_lists.views import or_the_same_list, upload_of
from afiliacion.roll.check import enrolment_dates
from afiliacion.roll.models import Import, SchoolWord
from afiliacion.roll.parse import school_words
from afiliacion.roll.upload import answering, jobs
from students.curp import SEXES
from students.models import Enrolment

#: What a word of each column can mean; nothing is taken from what is IGNORED.
_IGNORED: Final = "-"
_MEANINGS: Final[dict[str, list[tuple[str, str]]]] = {
    "estatus": [(value, f"Es «{label}»") for value, label in Enrolment.Status.choices],
    "sexo": [(value, f"Es «{label}»") for value, label in SEXES.items()],
}
_NOTHING: Final = {"estatus": "No dice la situación: quedan como activos", "sexo": "No dice el sexo: se toma el de la CURP"}
_HIDDEN: Final = [("take", "Sí son alumnos: cargarlas con las demás"), ("leave", "No: dejarlas fuera")]
_CLOCKS: Final = [
    (enrolment_dates.MOVE, "De la nueva: la anterior estaba mal, y los vencimientos se mueven"),
    (enrolment_dates.KEEP, "De la anterior: los vencimientos no se mueven"),
]
_Asked = tuple[str, list[tuple[str, str]], str]
_FIRST: Final = {"d": "Primero el día", "m": "Primero el mes"}
_DAY: Final = r"j \d\e F \d\e Y"
_WORDS_SHOWN: Final = 200


class QuestionsForm(forms.Form):
    """A field for each question of a list. What is left empty stays open."""

    def __init__(self, job: Import, *data: Any) -> None:
        super().__init__(*data)
        self._questions = dict(enumerate(job.questions))
        for number, question in self._questions.items():
            self.fields[f"pregunta-{number}"] = _field(question)

    def said(self, kind: str) -> Iterator[tuple[dict[str, Any], str]]:
        """The questions of a kind that were answered, each with its answer."""
        for number, question in self._questions.items():
            if question["kind"] == kind and (value := self.cleaned_data[f"pregunta-{number}"]):
                yield question, value


def _field(question: dict[str, Any]) -> forms.ChoiceField:
    if question["kind"] == "word":
        rows = "1 fila" if question["count"] == 1 else f"{question['count']} filas"
        label = f"{labelled(question['column'])} «{question['word']}» ({rows}; la primera, la {question['line']})"
        choices = [("", "— Elija qué significa —"), *_MEANINGS[question["column"]], (_IGNORED, _NOTHING[question["column"]])]
        return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.Select(attrs={"class": "form-select"}))
    label, choices, told = _ASKED[question["kind"]](question)
    radio = forms.RadioSelect(attrs={"class": "form-check-input"})
    return forms.ChoiceField(label=label, choices=choices, required=False, initial=question["answer"], help_text=told, widget=radio)


def _of_hidden(question: dict[str, Any]) -> _Asked:
    rows = "una fila" if question["count"] == 1 else f"{question['count']} filas"
    return f"El libro oculta {rows} (por un filtro o a mano): ¿son alumnos de la lista?", _HIDDEN, ""


def _of_enrolled(question: dict[str, Any]) -> _Asked:
    n = question["count"]
    who = "1 alumno cambia" if n == 1 else f"{n} alumnos cambian"
    label = f"{who} de fecha de inscripción, con el expediente abierto: ¿desde cuál corre su plazo?"
    moved = [
        f"{name}: su plazo vence el {_due(due)} y pasaría al {_due(after)} (inscripción {_due(old)} → {_due(new)})"
        for name, old, new, due, after in question["samples"]
    ]
    return label, _CLOCKS, "; ".join(moved)


def _due(day: str | None) -> str:
    return f"{dt.date.fromisoformat(day):%d/%m/%Y}" if day else "(sin vencimiento)"


def _of_dates(question: dict[str, Any]) -> _Asked:
    return _asks(question), [(name, _reading(name, days)) for name, days in question["choices"]], ""


#: A question's text, its answers, and what is told with it; by its kind.
_ASKED: Final[dict[str, Callable[[dict[str, Any]], _Asked]]] = {"hidden": _of_hidden, "enrolled": _of_enrolled, "dates": _of_dates}


def _asks(question: dict[str, Any]) -> str:
    return f"{labelled(question['column'])} (columna «{question['heading']}»): ¿cómo están escritas las fechas?"


def _reading(name: str, days: list[list[str]]) -> str:
    """A way to read a column of dates, with the days it gives."""
    turned = "; Excel cambió el día y el mes de las celdas de fecha" if name.endswith("-cambiadas") else ""
    shown = ", ".join(f"{text} es el {date_format(dt.date.fromisoformat(day), _DAY).lower()}" for text, day in days[:3])
    return f"{_FIRST[name[0]]}{turned}: {shown}"


@require_http_methods(["GET", "HEAD", "POST"])
@or_the_same_list
def questions(request: OfficeRequest, upload_id: int) -> HttpResponse:
    """GET: what the list asks. POST: the answers; the list is checked again with them."""
    job = upload_of(request, upload_id)
    if not (job.questions and jobs.can_check_again(job)):
        messages.info(request, f"No hay nada que aclarar: la lista está «{job.get_state_display()}».")
        return redirect("upload", job.pk)
    form = QuestionsForm(job, request.POST) if request.method == "POST" else QuestionsForm(job)
    if request.method == "POST" and form.is_valid():
        words = {(q["column"], q["word"]): "" if value == _IGNORED else value for q, value in form.said("word")}
        dates = {q["column"]: value for q, value in form.said("dates")}
        hidden, enrolled = (next((value for _, value in form.said(kind)), "") for kind in ("hidden", "enrolled"))
        answering.answer(
            job, dates=dates, hidden=hidden, enrolled=enrolled, words=words, name=request.scope.actor.name, now=timezone.now()
        )  # fmt: skip
        return redirect("upload", job.pk)
    status = 422 if form.is_bound else 200
    return render(request, "dashboard/student_lists/questions.html", {"upload": job, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def words(request: OfficeRequest) -> HttpResponse:
    """GET: what the words of the planteles mean, as officers said. POST: forget one (`palabra`)."""
    known = (
        SchoolWord.objects.filter(plantel__in=request.scope.planteles())
        .select_related("plantel")
        .order_by("plantel__name", "column", "word")
    )
    if request.method == "POST":
        number = request.POST.get("palabra", "")
        word = known.filter(pk=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0).first()
        if word is None:
            messages.info(request, "Esa palabra ya estaba olvidada.")
            return redirect("school-words")
        school_words.forget(word.plantel, word.pk)
        messages.success(request, f"Listo: la próxima lista volverá a preguntar por «{word.written}». Lo ya cargado no cambia.")
        return redirect("school-words")
    shown = [(word, labelled(word.column), _meaning(word)) for word in known[:_WORDS_SHOWN]]
    return render(request, "dashboard/student_lists/words.html", {"words": shown})


def _meaning(word: SchoolWord) -> str:
    return dict(_MEANINGS[word.column]).get(word.value, "").removeprefix("Es ") or _NOTHING[word.column]
