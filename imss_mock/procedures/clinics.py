"""Unidades de medicina familiar: which serve an area, and who is registered at which.

IMSS' own catalogue of UMF is in no package, so these are invented: two for each municipio, always the same ones.
"""

from dataclasses import asdict, astuple, dataclass
from datetime import datetime

from imss_mock.people.places import DELEGACIONES
from imss_mock.procedures.postal import CODIGO_POSTAL, Area, checked_area
from imss_mock.protocol.answers import Answer, said
from imss_mock.protocol.shapes import Values
from imss_mock.state.stand_in import Operation, Source, StandIn

UMF_NUMBERS = 90
CONSULTORIOS = 20


@dataclass(frozen=True, slots=True)
class Clinic:
    """A UMF as the trámite shows it: «12 GUERRERO», «3 TAXCO DE ALARCÓN», «005», street."""

    delegacion: str
    subdelegacion: str
    umf: str
    direccion: str

    def told(self) -> dict[str, str]:
        """As JSON says it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Registered:
    """A row of `clinicas`: where a person is registered; `domicilio` is JSON, `registrada_el` an ISO date."""

    curp: str
    delegacion: str
    subdelegacion: str
    umf: str
    direccion: str
    turno: str
    consultorio: str
    domicilio: str
    registrada_el: str


def near(stand_in: StandIn, area: Area) -> tuple[Clinic, Clinic]:
    """The two clinics that serve an area, the nearest first."""
    draw = stand_in.chance.number("umf", area.entidad, area.municipio)
    first = 1 + draw % (UMF_NUMBERS - 1)
    nearest, other = (_clinic(area, f"{number:03d}", draw) for number in (first, first + 1))
    swapped = stand_in.chance.number("cercana", area.codigo_postal) % 2
    return (other, nearest) if swapped else (nearest, other)


def _clinic(area: Area, umf: str, draw: int) -> Clinic:
    subdelegacion = f"{1 + draw // UMF_NUMBERS % 9} {area.municipio.upper()}"
    direccion = f"AV. DE LA PRÁCTICA NO. {int(umf) * 10} COL. CENTRO {area.municipio.upper()} {area.estado.upper()}"
    return Clinic(DELEGACIONES[area.entidad], subdelegacion, umf, direccion)


def registered(stand_in: StandIn, curp: str) -> Registered | None:
    """Where this person is registered, if anywhere."""
    row = stand_in.db.execute("SELECT * FROM clinicas WHERE curp = ?", (curp,)).fetchone()
    return Registered(*row) if row else None


def register(stand_in: StandIn, row: Registered) -> Registered:
    """Register a person at a clinic, in place of any other."""
    stand_in.db.execute("INSERT OR REPLACE INTO clinicas VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", astuple(row))
    return row


def ask_area(stand_in: StandIn, _now: datetime, asked: Values) -> Answer:
    """Estado, municipio and colonias of a postal code, and the clinics one may choose from."""
    area = checked_area(asked["codigo_postal"])
    body = {"codigo_postal": area.codigo_postal, "estado": area.estado, "municipio": area.municipio, "colonias": list(area.colonias)}
    return said("CODIGO_POSTAL", body | {"clinicas": [clinic.told() for clinic in near(stand_in, area)]})


ASK_AREA = Operation("consultarCodigoPostal", "GET", "/api/v1/codigos-postales/{codigo_postal}", ask_area, (CODIGO_POSTAL,), Source.PATH)
