"""Fields that several operations share. Examples are invented."""

from imss_mock.people.identifiers import CURP_PATTERN, NSS_PATTERN
from imss_mock.protocol.answers import Codigo
from imss_mock.protocol.shapes import Text

CURP = Text("curp", "CURP con dígito verificador correcto", "PUFE050315HNERCNA4", CURP_PATTERN, max_length=18, codigo=Codigo.CURP_INVALIDA)
NSS = Text("nss", "NSS de 11 dígitos", "03230500013", NSS_PATTERN, max_length=11, codigo=Codigo.NSS_INVALIDO)
CLAVE = Text(
    "clave_idempotencia",
    "Clave que elige quien envía: una por movimiento, sin datos personales",
    "alta-0f8c2a71",
    "^[A-Za-z0-9_-]{8,64}$",
    max_length=64,
)


def iso_day(name: str, about: str, example: str) -> Text:
    """A date field, AAAA-MM-DD; that the day exists is for the rule to check."""
    return Text(name, about, example, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", max_length=10, codigo=Codigo.FECHA_INVALIDA)
