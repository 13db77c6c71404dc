"""The values of a row against its CURP, which says name, birth date, sex and entity too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from afiliacion.roll.parse.columns import COLUMNS, label
from students import curp_letters as fits
from students.curp import ENTITIES, SEXES, Curp
from students.nss import Nss

#: Told of a value: its place in COLUMNS, the value and the reason.
Tell = Callable[[int, str, str], None]

AT: Final = {column.name: at for at, column in enumerate(COLUMNS)}
_CURP, _NSS, _BORN, _SEX, _ENTITY = (AT[name] for name in ("curp", "nss", "fecha_nacimiento", "sexo", "entidad_nacimiento"))
NAMES: Final = ("nombre", "primer_apellido", "segundo_apellido")
_NOMBRE, _PRIMERO, _SEGUNDO = (AT[name] for name in NAMES)
_OTHER_LETTERS: Final = (
    "No concuerda con la CURP, que lleva «{}» como inicial y «{}» como primera consonante interna: compruebe que los dos sean de la misma "
    "persona. Se guardó como está."
)
_OTHER_VOWEL: Final = (
    "No concuerda con la CURP, que lleva «{}» como inicial, «{}» como primera vocal interna y «{}» como primera consonante interna: "
    "compruebe que los dos sean de la misma persona. Se guardó como está."
)
_SWAPPED: Final = "Según la CURP, los apellidos están al revés: compruébelos contra la constancia. Se guardaron como están."
_IMPOSSIBLE: Final = "Lleva «{}» en la posición {}, donde va una {} o una X: cópiela de la constancia. Se guardó como está."
_FUTURE: Final = "Según esa CURP nacería el {:%d/%m/%Y}, que aún no llega: cópiela de la constancia."


@dataclass(slots=True)
class AgainstCurp:
    """Judges rows on a day. `oldest`, `youngest`: birth dates between which a student's does not draw attention; `m_alone`: the list's only
    word for a sex is M. `turned`, `masculine`: birth dates and sexes that were taken from the CURP for it."""

    today: dt.date
    oldest: dt.date
    youngest: dt.date
    m_alone: bool = False
    turned: int = 0
    masculine: int = 0

    def refusal(self, curp: Curp) -> str:
        """Why a well-formed CURP is no student's, in Spanish; empty if it can be one's."""
        return "" if curp.birth_date <= self.today else _FUTURE.format(curp.birth_date)

    def judge(self, curp: Curp, values: list[Any], tell: Tell) -> None:
        """Tell what contradicts the CURP. The list's own word is kept, but for a birth date with day and month changed, and an M alone."""
        born, said = values[_BORN], curp.birth_date
        if born and born != said:
            if (born.year, born.day, born.month) == (said.year, said.month, said.day):
                values[_BORN] = said
                self.turned += 1
            else:
                _contradicts(tell, _BORN, f"{born:%d/%m/%Y}", f"{said:%d/%m/%Y}")
        if values[_SEX] and values[_SEX] != curp.sex:
            if self.m_alone and curp.sex == "H":
                values[_SEX] = curp.sex
                self.masculine += 1
            else:
                _contradicts(tell, _SEX, SEXES[values[_SEX]], SEXES[curp.sex])
        if values[_ENTITY] and values[_ENTITY] != curp.entity:
            _contradicts(tell, _ENTITY, ENTITIES[values[_ENTITY]], ENTITIES[curp.entity])
        self._check_age(curp, said, tell)
        _check_letters(curp, values, tell)
        nss: Nss | None = values[_NSS]
        if nss and nss.birth_year_digits != curp[4:6]:
            reason = (
                f"El año de nacimiento en el NSS ({nss.birth_year_digits}) no es el del alumno ({curp[4:6]}): ¿será el de su padre o su "
                "madre? Compruébelo en la hoja del IMSS."
            )
            tell(_NSS, nss, reason)

    @property
    def notes(self) -> list[str]:
        """What is told once of the whole list, in Spanish."""
        said = []
        if self.turned:
            said.append(f"{label('fecha_nacimiento')}: {self.turned} con el día y el mes al revés; se tomó la fecha que dice la CURP.")
        if self.masculine:
            said.append(f"{label('sexo')}: la columna solo dice «M»; en {self.masculine} cuya CURP dice hombre se leyó como masculino.")
        return said

    def _check_age(self, curp: Curp, born: dt.date, tell: Tell) -> None:
        if not self.oldest < born <= self.youngest:
            years = (self.today - born).days // 365.2425
            tell(_CURP, curp, f"Según su CURP tiene {years:.0f} años: compruébela contra la constancia. Se guardó como está.")


def _contradicts(tell: Tell, at: int, listed: str, said: str) -> None:
    tell(at, listed, f"No concuerda con la CURP, que dice {said}. Se tomó la de la lista: compruébela contra la constancia.")


def _check_letters(curp: Curp, values: list[Any], tell: Tell) -> None:
    """Each name against its letters in the CURP: a name of another person, or apellidos in the other order."""
    nombre, primero, segundo = values[_NOMBRE], values[_PRIMERO], values[_SEGUNDO]
    first, second, given = (curp[0] + curp[1] + curp[13], curp[2] + curp[14], curp[3] + curp[15])
    if impossible := curp.impossible:
        at, letter = impossible
        tell(_CURP, curp, _IMPOSSIBLE.format(letter, at, "vocal" if at == 2 else "consonante"))
        return
    if nombre and not fits.given(nombre, given):
        tell(_NOMBRE, nombre, _OTHER_LETTERS.format(*given))
    if primero and not fits.first_surname(primero, first, curp):
        swapped = fits.surname(segundo or "", first[0] + first[2]) and fits.surname(primero, second)
        tell(_PRIMERO, primero, _SWAPPED if swapped else _OTHER_VOWEL.format(*first))
        if swapped:
            return
    if not fits.surname(segundo or "", second):
        tell(_SEGUNDO, segundo or "", _OTHER_LETTERS.format(*second))
