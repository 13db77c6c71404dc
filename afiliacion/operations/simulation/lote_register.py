"""Compare the lotes of the office with what the stand-in IMSS made of each of their lines: docs/invariants.md, 14."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from afiliacion.imss.client.port import ALTA, MovementStatus
from afiliacion.imss.models import LoteRegistro
from afiliacion.movements.models import Movement
from afiliacion.operations.simulation.imss_register import Key

Row = Mapping[str, Any]
Status = Movement.Status
#: The key under which the stand-in keeps a movement that came in a lote: «lote:900000001:3».
_KEY: Final = "lote:{}:{}"
#: What an answer may have said, by what became of the movement.
_ANSWERED: Final = {
    MovementStatus.OPERATED.value: {Status.SENT, Status.RECEIVED, Status.OPERATED},
    MovementStatus.REJECTED.value: {Status.SENT, Status.RECEIVED, Status.REJECTED},
    MovementStatus.RECEIVED.value: {Status.SENT, Status.RECEIVED},
}


def not_as_in_lotes(rows: Iterable[Row]) -> Iterator[str]:
    """What does not agree, as sentences without the person's number; `rows`: the register, in the order in which it received them."""
    register = list(rows)
    yield from _lines(register)
    yield from _channels(register)
    yield from _twice(register)


def _lines(register: Iterable[Row]) -> Iterator[str]:
    """Each line that IMSS took is a movement of the office, and what the office says of it IMSS did; nothing is said that IMSS did not."""
    presented = Movement.objects.filter(lote__sent_on__isnull=False).select_related("lote").defer("lote__body", "lote__changed_names")
    ours = {_KEY.format(row.its_lote.number, row.position): row for row in presented}
    theirs = {row["clave_idempotencia"]: row for row in register if row["clave_idempotencia"].startswith("lote:")}
    for key, row in theirs.items():
        movement = ours.get(key)
        if movement is None or (movement.type, movement.registro) != (row["tipo_movimiento"], row["registro_patronal"]):
            yield f"{key}: el IMSS tiene un movimiento que no es de la oficina"
        elif movement.status not in _ANSWERED[row["estado"]]:
            yield f"{key}: el IMSS lo tiene {row['estado']} y la oficina dice {movement.get_status_display()}"
    for key, movement in ours.items():
        if key not in theirs and movement.status in (Status.OPERATED, Status.REJECTED):
            yield f"{key}: la oficina dice {movement.get_status_display()} y el IMSS no lo tiene"


def _channels(register: Iterable[Row]) -> Iterator[str]:
    """What goes by lotes came in lotes alone."""
    by_lotes = set(LoteRegistro.objects.values_list("registro", flat=True))
    for row in register:
        if row["clave_idempotencia"].startswith("lote:") != (row["registro_patronal"] in by_lotes):
            yield f"{row['clave_idempotencia']}: no llegó por donde va el registro patronal {row['registro_patronal']}"


def _twice(register: Iterable[Row]) -> Iterator[str]:
    """No alta came in a lote for whom IMSS has one already, received or operated, and no baja for whom it has none."""
    last: dict[Key, str] = {}
    for row in register:
        key, kind = Key(row["nss"], row["registro_patronal"]), row["tipo_movimiento"]
        if row["clave_idempotencia"].startswith("lote:") and kind == ALTA == last.get(key):
            yield f"{row['clave_idempotencia']}: un alta que el IMSS ya tenía"
        if row["estado"] != MovementStatus.REJECTED.value:
            last[key] = kind
