"""What is said of a lote and of its records, in answers and on papers."""

from datetime import datetime
from typing import Any, NamedTuple

from imss_mock.people.identifiers import nss_digit
from imss_mock.procedures.idse.lines import Record, cut
from imss_mock.procedures.idse.lotes import Lote, Row
from imss_mock.procedures.idse.record_faults import day_of
from imss_mock.procedures.movements import ALTA
from imss_mock.state.stand_in import StandIn

OTHERS = 3  # movements of another registro patronal in a constancia, at most
_OF_ANOTHER = """
SELECT linea, extemporaneo FROM renglones JOIN lotes ON lotes.id = renglones.lote
WHERE registro_patronal = ? AND entrada IS NULL AND codigo IS NULL AND respuesta > 0 ORDER BY lote DESC, renglon LIMIT ?
"""


class Printed(NamedTuple):
    """A movement as papers print it. `codigo`, `motivo`: of a rejection; empty when it was operated."""

    tipo: str
    nss: str
    nombre: str
    salario: str
    extemporaneo: str
    umf: str
    tipo_salario: str
    fecha: str
    tipo_trabajador: str
    causa: str
    codigo: str = ""
    motivo: str = ""


def of_lote(lote: Lote) -> dict[str, object]:
    """What every answer about a lote begins with."""
    return {
        "id_lote": lote.number,
        "recibo": lote.recibo,
        "tipo_movimiento": lote.tipo,
        "registro_patronal": lote.registro_patronal,
        "nombre_archivo": lote.archivo,
        "fecha_trans": lote.fecha_trans,
    }


def refused_at_entry(stand_in: StandIn, number: int, record: Record, code: str) -> dict[str, object]:
    """A record that was thrown out at once: a code, and no text."""
    return {
        "renglon": number,
        "nss": record["nss"],
        "tipo_movimiento": record["tipo_movimiento"],
        "fecha_movimiento": record["fecha"],
        "clave_trabajador": record["clave_trabajador"],
        "codigo_error_movimiento": stand_in.scenario.idse.numeros[code],
    }


def printed(stand_in: StandIn, row: Row) -> Printed:
    """A record as papers print it; of one refused at once, its code without text."""
    found = _printed(row.record, late=row.late)
    if row.entrada:
        return found._replace(codigo=stand_in.scenario.idse.numeros[row.entrada])
    if row.codigo is None:
        return found
    return found._replace(codigo=stand_in.scenario.idse.numeros[row.codigo], motivo=stand_in.scenario.rechazos[row.codigo])


def _printed(record: Record, *, late: bool) -> Printed:
    day = day_of(record)
    wage = record.get("salario_base", "")
    return Printed(
        tipo=record["tipo_movimiento"].lstrip("0"),
        nss=record["nss"],
        nombre=name_of(record),
        salario=f"$ {int(wage or 0) / 100:>8,.2f}" if (wage.isascii() and wage.isdigit()) or not wage else "",
        extemporaneo="S" if late else "",
        umf=record.get("umf", ""),
        tipo_salario=record.get("tipo_salario", ""),
        fecha=f"{day:%d/%m/%Y}" if day else record["fecha"],
        tipo_trabajador=record.get("tipo_trabajador", ""),
        causa=record.get("causa_baja", ""),
    )


def name_of(record: Record) -> str:
    """The name as the file has it, apellidos first."""
    return " ".join(filter(None, (record["primer_apellido"], record["segundo_apellido"], record["nombre"])))


def of_another(stand_in: StandIn, now: datetime, registro: str) -> list[Printed]:
    """Movements operated under another registro patronal; one of an invented person when it has none."""
    found = stand_in.db.execute(_OF_ANOTHER, (registro, OTHERS)).fetchall()
    if found:
        return [_printed(cut(line), late=bool(late)) for line, late in found]
    first10 = f"9905{stand_in.chance.number('ajeno', registro) % 10**6:06d}"
    return [
        Printed(ALTA[1], first10 + nss_digit(first10), "AJENA DE OTRO PLANTEL", "$     0.00", "", "000", "0", f"{now:%d/%m/%Y}", "1", "")
    ]


def detail(stand_in: StandIn, lote: Lote, row: Row) -> dict[str, Any]:
    """A record as the detail of the answer has it, by the names that integrations pass on. Code 0 is accepted."""
    record, day = row.record, day_of(row.record)
    return {
        "nss": record["nss"],
        "curp": record.get("curp", ""),
        "nombreAsegurado": name_of(record),
        "nombreSINDO": _registered_name(stand_in, record),
        "tipo_mov": record["tipo_movimiento"],
        "fecha_mov": f"{day:%d/%m/%Y}" if day else record["fecha"],
        "causaBaja": record.get("causa_baja", ""),
        "claveTrabajador": record["clave_trabajador"],
        "umf": record.get("umf", ""),
        "salarioBase": record.get("salario_base", ""),
        "semanaJornadaRed": record.get("jornada", ""),
        "tipo_trab": record.get("tipo_trabajador", ""),
        "tipoSalario": record.get("tipo_salario", ""),
        "extemporaneo": "S" if row.late else "N",
        "registroPatronal": lote.registro_patronal,
        "codigoErrorMovimiento": stand_in.scenario.idse.numeros[row.codigo] if row.codigo else "0",
        "mensajeErrorMovimientos": stand_in.scenario.rechazos[row.codigo] if row.codigo else "",
    }


def _registered_name(stand_in: StandIn, record: Record) -> str:
    """The register's name of who holds the NSS, apellidos first; never that of another person's CURP."""
    query = "SELECT curp, primer_apellido, segundo_apellido, nombre FROM personas WHERE nss = ?"
    row = stand_in.db.execute(query, (record["nss"],)).fetchone()
    if row is None or record.get("curp", row[0]) != row[0]:
        return ""
    return " ".join(filter(None, row[1:])).upper()
