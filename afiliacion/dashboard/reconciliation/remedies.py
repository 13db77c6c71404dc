"""What each difference means for the office, and what ends it: a sentence, where it is done, and what can be done to many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from afiliacion.dashboard.worklist.bulk_actions import MANY_BY_SLUG, Many
from afiliacion.imss.queue.channels import Channels
from afiliacion.reconciliation.differences import Difference

MEANINGS: Final[Mapping[Difference, str]] = {
    Difference.WITHOUT_ALTA: "Están inscritos, no tienen otra cobertura y el IMSS no ha recibido su alta.",
    Difference.UNANSWERED: "Se presentaron, o el IMSS los recibió, hace más días que los del plazo «Respuesta del IMSS a un movimiento».",
    Difference.WITHOUT_VIGENCIA: "El IMSS tiene su alta y, vencido el plazo, no reporta vigencia; o respondió que no la hay.",
    Difference.TURNED_DOWN: "El IMSS no aceptó su alta o su baja, y no va en ningún otro lote ni envío.",
    Difference.BAJA_TO_SEND: "Ya no deben estar asegurados con ese registro patronal, y su baja no se ha enviado.",
    Difference.NOT_ENROLLED: "Su expediente sigue abierto con un alta, pero ningún plantel con ese registro patronal los tiene inscritos.",
    Difference.TWICE: "Cuentan con dos aseguramientos, o con el de otro plantel después de haber dejado el suyo.",
    Difference.NOT_LISTED: "Aquí constan como asegurados, y la lista del IMSS, de una fecha posterior, no los trae.",
    Difference.ONLY_LISTED: "La lista del IMSS los trae, y aquí no consta ese NSS como asegurado con ese registro patronal.",
    Difference.STRANGE: "El IMSS operó su alta con un registro patronal de la escuela, y no está en ningún lote de la oficina.",
}
_REMEDIES: Final[Mapping[Difference, str]] = {
    Difference.WITHOUT_ALTA: "El remedio está donde va cada expediente: abra su lista y siga desde ahí.",
    Difference.UNANSWERED: (
        "Busque la respuesta en IDSE y tráigala a su lote. Si no la hay, pregunte en su subdelegación: que no conteste no es un rechazo."
    ),
    Difference.WITHOUT_VIGENCIA: (
        "Si IDSE dice que el alta se operó, el caso se arregla en la subdelegación. Cuando haya vigencia, anótela en el expediente."
    ),
    Difference.TURNED_DOWN: "Corrija lo que dice el motivo y vuelva a enviarlo: va como otro movimiento.",
    Difference.BAJA_TO_SEND: "Envíe la baja. Se vuelve a revisar en ese momento que nadie más necesite el seguro.",
    Difference.NOT_ENROLLED: (
        "Si ya no estudian ahí, registre su baja: entonces queda por enviar la baja al IMSS. Si siguen, cargue la lista que los trae."
    ),
    Difference.TWICE: (
        "Decida con los planteles dónde sigue el alumno y registre la baja en el otro: al IMSS se le envía solo la que sobra."
    ),
    Difference.NOT_LISTED: "Consulte su vigencia y anote lo que responda el IMSS. Una lista más nueva también lo aclara.",
    Difference.ONLY_LISTED: (
        "Si es alumno, declare su seguro en «Listas, Declarar seguros que ya existen». Si ya no lo es, su baja se captura en IDSE. "
        "La siguiente lista dice si quedó."
    ),
    Difference.STRANGE: (
        "Si es alumno, declare su seguro en «Listas, Declarar seguros que ya existen». Si no lo es, su baja se captura en IDSE. "
        "Después anote aquí qué se hizo."
    ),
}  # fmt: skip


class Remedy(NamedTuple):
    """`many`: what can be done to the chosen rows, and, if `for_all`, to all of them; `asks`: IMSS can be asked about the chosen."""

    told: str
    many: Many | None
    for_all: bool
    asks: bool


#: By the service and by lotes; the rest is done elsewhere.
_ACTIONS: Final[Mapping[Difference, str]] = {
    Difference.WITHOUT_VIGENCIA: "subdelegacion", Difference.TURNED_DOWN: "enviar-alta", Difference.BAJA_TO_SEND: "enviar-baja",
    Difference.NOT_ENROLLED: "baja", Difference.TWICE: "baja",
}  # fmt: skip


def remedy(what: Difference, channels: Channels) -> Remedy:
    """What ends a difference, by the channels that the movements of the office go by."""
    many = MANY_BY_SLUG.get(_ACTIONS.get(what, ""))
    fits = many if many and any(many.channel.suits(automatic=automatic) for automatic in channels.ways) else None
    # Of those insured twice, one stays: there is nothing to do to all of them.
    return Remedy(_REMEDIES[what], fits, what is not Difference.TWICE, channels.automatic and what is Difference.NOT_LISTED)
