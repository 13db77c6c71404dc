"""Postal codes: estado, municipio and colonias, from an offline data set (Correos de México, edition of 2018)."""

from dataclasses import dataclass
from functools import lru_cache

from postalcodes_mexico import postalcodes_mexico

from imss_mock.people.places import ENTITY_NAMES
from imss_mock.protocol.answers import Codigo, RefusedError
from imss_mock.protocol.shapes import Text

# How Correos de México calls the estados that RENAPO abbreviates.
_LONG_NAMES = {
    "Coahuila de Zaragoza": "CL",
    "México": "MC",
    "Michoacán de Ocampo": "MN",
    "Veracruz de Ignacio de la Llave": "VZ",
}
_ENTITIES = {name: entity for entity, name in ENTITY_NAMES.items()} | {name.upper(): entity for name, entity in _LONG_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Area:
    """What a postal code stands for; `entidad` is RENAPO's two letters."""

    codigo_postal: str
    estado: str
    municipio: str
    entidad: str
    colonias: tuple[str, ...]


@lru_cache(1024)
def area(codigo_postal: str) -> Area | None:
    """The area of a postal code of five digits, or None when there is none."""
    rows = postalcodes_mexico.places(codigo_postal)
    if not rows:
        return None
    first = rows[0]
    colonias = tuple(sorted({row.place for row in rows}))
    return Area(codigo_postal, first.state, first.municipality, _ENTITIES[first.state.upper()], colonias)


def checked_area(codigo_postal: object, colonia: object = None) -> Area:
    """The area, its colonia (unless None) being one of its own; raises RefusedError."""
    found = area(str(codigo_postal))
    if found is None:
        raise RefusedError(Codigo.CODIGO_POSTAL_DESCONOCIDO, campo="codigo_postal")
    if colonia is not None and colonia not in found.colonias:
        raise RefusedError(Codigo.COLONIA_DESCONOCIDA, campo="colonia")
    return found


CODIGO_POSTAL = Text(
    "codigo_postal", "Código postal de cinco dígitos", "40200", "^[0-9]{5}$", max_length=5, codigo=Codigo.CODIGO_POSTAL_DESCONOCIDO
)
ADDRESS = (
    CODIGO_POSTAL,
    Text("colonia", "Una de las colonias del código postal", "Taxco de Alarcón Centro", min_length=1, max_length=80),
    Text("calle", "Calle", "Avenida de Práctica", min_length=1, max_length=80),
    Text("numero_exterior", "Número exterior", "330", min_length=1, max_length=15),
    Text("numero_interior", "Número interior, si existe", None, max_length=15, required=False),
)
