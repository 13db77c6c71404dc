"""Every movement received and what has become of it by today: the register, for tests that check the office against it."""

from datetime import date, datetime

from imss_mock.procedures import movements
from imss_mock.protocol.answers import Answer, said
from imss_mock.protocol.shapes import Number, Values
from imss_mock.state.stand_in import Operation, Source, StandIn


def read(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """Movements after `desde`, in the order in which they were received; `siguiente` is the `desde` of the next page."""
    rows = movements.after(stand_in, asked["desde"], asked["limite"])
    last = rows[-1].id if rows else asked["desde"]
    return said("REGISTRO", {"movimientos": [_told(row, now.date()) for row in rows], "siguiente": last})


def _told(row: movements.Movement, today: date) -> dict[str, object]:
    names = ("clave_idempotencia", "tipo_movimiento", "registro_patronal", "nss", "curp", "fecha_movimiento", "fecha_trans")
    return {"id": row.id, "estado": row.estado(today), **{name: getattr(row, name) for name in names}}


_PAGE = (
    Number("desde", "Último movimiento ya leído", 0, 0, 10**18 - 1, 0),
    Number("limite", "Cuántos movimientos a lo sumo", 1000, 1, 5000, 1000),
)
READ = Operation("leerRegistro", "GET", "/control/registro", read, _PAGE, Source.QUERY)
