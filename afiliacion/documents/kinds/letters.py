"""What a student signs, filled in: the letter of renuncia and the manifestación under oath. A minor's are signed by the tutor too."""

from __future__ import annotations

from typing import Final

from afiliacion.cases.models import Case
from afiliacion.documents.context import PrintContext
from afiliacion.documents.layout.blocks import Block, Fields, Heading, Paper, Points, Signers, Text, Title, lines
from afiliacion.documents.models import DocumentKind

#: Filled in by hand when it is signed: not known when the letter is printed.
_BY_HAND: Final = "_" * 44


def renuncia(case: Case, context: PrintContext) -> Paper:
    return _letter(DocumentKind.RENUNCIA, case, context)


def manifestacion(case: Case, context: PrintContext) -> Paper:
    return _letter(DocumentKind.MANIFESTACION, case, context)


def _letter(kind: DocumentKind, case: Case, context: PrintContext) -> Paper:
    values, minor = context.values(case), context.is_minor(case)

    def part(name: str) -> tuple[str, ...]:
        return context.words.part(kind, name, case.plantel_id, values)

    blocks: list[Block] = [
        Title(" ".join(part("titulo")), " ".join(part("subtitulo"))),
        Text(f"Lugar y fecha: {_BY_HAND}", "right"),
        *(Text(line, "strong") for line in part("dirigida_a")),
        *(Text(line) for line in part("cuerpo_menor" if minor else "cuerpo")),
        _person(case),
    ]
    if options := part("opciones"):
        blocks += [Heading(" ".join(part("opciones_titulo"))), Points(options, box=True)]
    blocks += [Text(line) for line in part("cierre")]
    blocks += [_signers(case, minor=minor), *(Text(line, "small") for line in part("aviso"))]
    return context.paper(kind, case, blocks)


def _person(case: Case) -> Fields:
    student, enrolment = case.student, case.enrolment
    return Fields((
        ("Nombre", (student.full_name,)),
        ("CURP", (student.curp,)),
        ("NSS", (student.nss or "Aún no tiene",)),
        ("Matrícula", (enrolment.matricula,)),
        ("Grupo y ciclo", (" · ".join(lines(enrolment.grupo, enrolment.ciclo.clave)),)),
        ("Plantel", (case.plantel.name,)),
        ("Folio del expediente", (case.folio,)),
    ))  # fmt: skip


def _signers(case: Case, *, minor: bool) -> Signers:
    student = (case.student.full_name, "Nombre y firma del estudiante")
    office = lines(case.plantel.contact_name, "Recibe por el plantel: nombre, firma y sello")
    tutor = ("Nombre y firma de la madre, el padre o el tutor",)
    return Signers((student, tutor, office) if minor else (student, office))
