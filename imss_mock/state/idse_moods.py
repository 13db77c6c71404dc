"""How IDSE answers lotes today: settings of the mood that the rules of `procedures/idse` read when a lote is received.

What a lote got is decided then and kept with it: a later change of mood changes none of its documents. The shares strike a movement only
the first time its NSS comes in a lote of its type, so that a corrected movement that is sent again goes through.
"""

from dataclasses import dataclass

from imss_mock.protocol.shapes import Flag, Number, Text

FAMILIES = ("F-NSS", "F-NOMBRE", "F-CURP", "F-FECHA", "F-REGISTRO-PATRONAL", "F-UMF")
REGISTRO = "[A-Z0-9]{3}[0-9]{5}32[0-9]"


def _share(name: str, about: str) -> Number:
    return Number(name, f"Proporción de los movimientos de un lote {about}", 0.05, 0, 1, 0, whole=False)


FIELDS = (
    _share("idse_rechazos", "que se rechazan por un motivo"),
    Text(
        "idse_familia", "El motivo de esos rechazos; vacío es uno al azar", "F-NOMBRE", choices=("", *FAMILIES), required=False, default=""
    ),
    _share("idse_rechazos_de_entrada", "que se rechazan al recibirlo"),
    _share("idse_tarde", "que faltan en la respuesta y vienen en otra, días después"),
    Number("idse_tarde_dias", "Días que esos tardan después de la respuesta; 0 es que nunca se contestan", 5, 0, 365, 5),
    Number("idse_horas", "Horas simuladas hasta la respuesta; 0 es enseguida, -1 lo que diga el escenario", 0, -1, 9_999, -1),
    Flag("idse_repetida", "La respuesta se emite dos veces, con dos folios"),
    Flag("idse_no_cuadra", "La constancia cuenta un movimiento recibido de más"),
    Text(
        "idse_otro_registro",
        "Otro registro patronal, cuyos movimientos también vienen en la constancia; vacío es ninguno",
        "B9912345321",
        f"^$|^{REGISTRO}$",
        max_length=11,
        required=False,
        default="",
    ),
    Flag("idse_certificado_vencido", "La e.firma está vencida: no se recibe ningún lote"),
)


@dataclass(frozen=True)
class IdseMood:
    """The settings of FIELDS; the defaults are an IDSE that answers everything, once and rightly."""

    idse_rechazos: float = 0
    idse_familia: str = ""
    idse_rechazos_de_entrada: float = 0
    idse_tarde: float = 0
    idse_tarde_dias: int = 5
    idse_horas: int = -1
    idse_repetida: bool = False
    idse_no_cuadra: bool = False
    idse_otro_registro: str = ""
    idse_certificado_vencido: bool = False
