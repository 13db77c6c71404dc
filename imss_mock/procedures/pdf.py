"""The printed sheets, with the labels of IMSS' own; each says that it is practice.

The labels are those of the documents schools have shown (see docs/imss-mock.md): a reader of the real ones must be able to read these.
How they are drawn: `sheet.py`. Papers that students bring by mistake: `other_papers.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from hashlib import sha256

from imss_mock.procedures import other_papers
from imss_mock.procedures.sheet import BOLD, GREY, LEFT, PLAIN, RIGHT, TOP, Facts, Sheet

PUBLISHED = "10 / 11 / 2015"  # in the DOF, of the constancia's form


def render(tipo: str, facts: Facts) -> bytes:
    """The PDF of a document of this kind; the same facts give the same bytes."""
    return RENDERED[tipo](facts)


def _seals(sheet: Sheet, facts: Facts, procedure: str) -> None:
    """What closes IMSS' sheets; here it only looks the part."""
    sheet.y -= 4
    digest = sha256(sheet.cadena(facts, procedure).encode()).digest()
    number = str(int.from_bytes(digest))
    for label, value in (
        ("Sello Digital:", base64.b64encode(digest).decode()),
        ("Secuencia Notarial:", number[:8]),
        ("Número de Serie:", number[8:28]),
    ):
        sheet.pair(label, value, at=110)


def _nss(facts: Facts) -> bytes:
    """Three pages: the number and the person; the notices; the seals and the card."""
    found = facts.get("resultado") == "LOCALIZADO"
    deed, done = ("Localización", "localizó") if found else ("Asignación", "asignó")
    sheet = Sheet(f"{deed} de NSS", facts)
    sheet.head("Instituto Mexicano del Seguro Social", f"{deed} de Número de Seguridad Social")
    sheet.table(("Homoclave del trámite", "IMSS-02-008"), ("Folio", facts["folio"]))
    sheet.table(("Homoclave del formato", "FF-IMSS-PRÁCTICA"), ("Fecha de solicitud del trámite", facts["fecha"]))
    sheet.text(f"El Instituto Mexicano del Seguro Social hace constar que se {done} el siguiente:", gap=10)
    sheet.pair("Número de Seguridad Social:", facts["nss"])
    _person(sheet, facts, (("CURP:", "curp"), ("Nombre(s):", "nombre"), *_SURNAMES, *_BIRTH))
    sheet.paragraph(_UNIQUE)
    sheet.paragraph("La persona se registra en la U.M.F. que le toca por su domicilio, cuando la escuela o un patrón la inscriben.")
    sheet.page(of=3)
    for title, words in _NOTICES:
        sheet.text(title, font=BOLD, size=9)
        sheet.paragraph(words)
    sheet.page(of=3)
    _seals(sheet, facts, "Asignacion o Localizacion de NSS")
    _cut_out(sheet, facts)
    sheet.text("Contacto", font=BOLD, size=9)
    sheet.paragraph("En un simulador no hay a quién llamar. El IMSS de verdad atiende en www.imss.gob.mx y en el 800 623 23 23.")
    return sheet.done(of=3)


_UNIQUE = (
    "Este Número de Seguridad Social es único, permanente e intransferible y se asigna para el control del registro de los trabajadores o"
    " sujetos de aseguramiento y sus beneficiarios. Tenerlo no da por sí mismo derecho al servicio médico: la escuela o el patrón deben"
    " inscribir a la persona en el Instituto."
)
_PRIVACY = (
    "Los datos personales recabados serán protegidos, tratados e incorporados en el Catálogo Nacional de Asegurados. En este simulador"
    " nadie es real: los datos son inventados y solo sirven para practicar el trámite, y no se transmiten a ningún instituto."
)
_IMPORTANT = (
    "Ahora que cuentas con tu número de seguridad social, recuerda que es un dato que te pedirá tu escuela al inscribirte y cada patrón"
    " al contratarte. El número de seguridad social no cambia: si lo pierdes, vuelve a imprimir esta hoja."
)
_NOTICES = (("Aviso de privacidad", _PRIVACY), ("Aviso importante", _IMPORTANT))
_SURNAMES = (("Primer apellido:", "primer_apellido"), ("Segundo apellido:", "segundo_apellido"))
_BIRTH = (("Sexo:", "sexo"), ("Fecha de nacimiento:", "nacimiento"), ("Lugar de nacimiento:", "lugar"))


def _cut_out(sheet: Sheet, facts: Facts) -> None:
    """The card, in its dotted box."""
    sheet.text("Imprime y recorta", size=8, color=GREY)
    sheet.canvas.setDash(2, 2)
    sheet.canvas.setStrokeColor(GREY)
    sheet.canvas.rect(LEFT, sheet.y - 140, 330, 140)
    sheet.canvas.setDash()
    top = sheet.y
    sheet.y -= 12
    sheet.qr(card_payload(facts), 116, x=LEFT + 204)
    bottom, sheet.y = sheet.y, top - 24
    sheet.text("tu Número de Seguridad Social es:", size=9, x=LEFT + 12)
    sheet.value(facts["nss"], size=12, x=LEFT + 12)
    sheet.text("Asociado a la CURP:", size=9, x=LEFT + 12)
    sheet.value(facts["curp"], x=LEFT + 12)
    sheet.value(facts["nombre_completo"][:34], size=8, x=LEFT + 12)
    sheet.y = bottom - 20


def _person(sheet: Sheet, facts: Facts, labels: Sequence[tuple[str, str]]) -> None:
    for label, name in labels:
        sheet.pair(label, facts[name])


def card_payload(facts: Facts) -> str:
    """What the card's QR says: parts divided by bars, the NSS in the third, name and CURP after it, each with its label."""
    return f"IMSS DE PRACTICA|{facts['folio']}|NSS: {facts['nss']}|Nombre: {facts['nombre_completo']}|CURP: {facts['curp']}"


def _card(facts: Facts) -> bytes:
    sheet = Sheet("Tarjeta de NSS", facts)
    sheet.head("Instituto Mexicano del Seguro Social", "Tarjeta de Número de Seguridad Social")
    sheet.qr(card_payload(facts), 130)
    labels = (("Folio:", "folio"), ("NSS:", "nss"), ("Nombre:", "nombre_completo"), ("CURP:", "curp"), ("Fecha de emisión:", "fecha"))
    _person(sheet, facts, labels)
    sheet.paragraph("Guarda esta tarjeta: el número es el mismo para toda la vida.")
    return sheet.done()


def _vigencia(facts: Facts) -> bytes:
    return _vigencia_in_boxes(facts) if facts.get("formato") == "nuevo" else _vigencia_in_lines(facts)


_GENERAL = (("NSS:", "nss"), ("CURP:", "curp"), ("Nombre(s), primer apellido y segundo apellido:", "nombre_completo"), *_BIRTH)
_INSURED = (
    ("Con derecho al servicio médico:", "con_derecho"), ("Vigente:", "vigente"), ("Delegación:", "delegacion"), ("UMF:", "umf"),
    ("Turno:", "turno"), ("Consultorio:", "consultorio"), ("Agregado Médico:", "agregado_medico"),
)  # fmt: skip


def _vigencia_in_lines(facts: Facts) -> bytes:
    """As schools have shown it; the longest label lies over its value."""
    sheet = Sheet("Constancia de vigencia", facts)
    sheet.head("Instituto Mexicano del Seguro Social", "Constancia de Vigencia de Derechos")
    published = ("Fecha de publicación del formato en el DOF", PUBLISHED)
    sheet.table(("Homoclave del trámite", "IMSS-02-020"), ("Homoclave del formato", "FF-IMSS-012"), published)
    sheet.pair("Folio:", facts["folio"])
    sheet.section("Datos Generales")
    for label, name in _GENERAL:
        sheet.pair(label, facts[name], at=200)
    sheet.section("Datos de Aseguramiento")
    for label, name in _INSURED:
        sheet.pair(label, facts[name], at=200)
    sheet.section("Datos del último patrón")
    sheet.table(("Registro Patronal", facts["registro_patronal"]), ("Nombre o razón social", facts["razon_social"]))
    sheet.section("Detalle de vigencia")
    sheet.table(("Estado", facts["estado"]), ("Inicio de Vigencia", facts["inicio"]), ("Fecha de Constancia", facts["fecha"]))
    sheet.section("Beneficiarios")
    sheet.text(_NO_BENEFICIARIES, size=9, color=GREY)
    return sheet.done()


_NO_BENEFICIARIES = "Sin beneficiarios registrados: el seguro de estudiantes cubre solo al estudiante."


def _vigencia_in_boxes(facts: Facts) -> bytes:
    """Another layout, invented: no newer one of IMSS is known, and a reader must not depend on one. Every value under its heading."""
    sheet = Sheet("Constancia de vigencia", facts)
    sheet.head("Instituto Mexicano del Seguro Social", "Constancia de Vigencia de Derechos")
    sheet.table(("Folio", facts["folio"]), ("Fecha de Constancia", facts["fecha"]), ("Homoclave del trámite", "IMSS-02-020"))
    sheet.section("Datos Generales")
    sheet.table(("NSS", facts["nss"]), ("CURP", facts["curp"]), ("Sexo", facts["sexo"]))
    sheet.table(("Nombre(s), primer apellido y segundo apellido", facts["nombre_completo"]))
    sheet.table(("Fecha de nacimiento", facts["nacimiento"]), ("Lugar de nacimiento", facts["lugar"]))
    sheet.section("Datos de Aseguramiento")
    sheet.table(
        ("Con derecho al servicio médico", facts["con_derecho"]), ("Vigente hasta", facts["vigente"]), ("Delegación", facts["delegacion"])
    )
    sheet.table(*((label.removesuffix(":"), facts[name]) for label, name in _INSURED[3:]))
    sheet.table(("Registro Patronal", facts["registro_patronal"]), ("Nombre o razón social", facts["razon_social"]))
    sheet.table(("Estado", facts["estado"]), ("Inicio de Vigencia", facts["inicio"]))
    sheet.section("Beneficiarios")
    sheet.text(_NO_BENEFICIARIES, size=9, color=GREY)
    _seals(sheet, facts, "Constancia de Vigencia de Derechos")
    return sheet.done()


def _clinic(facts: Facts) -> bytes:
    change = facts.get("tramite") == "cambio"
    sheet = Sheet("Acuse de clínica", facts)
    sheet.head("Instituto Mexicano del Seguro Social", "Acuse de recibo", "CAMBIO DE CLÍNICA" if change else "REGISTRO ASEGURADO")
    labels = (
        ("Folio:", "folio"), ("Fecha:", "fecha"), ("CURP:", "curp"), ("NOMBRE:", "nombre_completo"), ("FECHA DE NACIMIENTO:", "nacimiento"),
        ("NSS:", "nss"), ("SEXO:", "sexo"), ("DELEGACIÓN DE ADSCRIPCIÓN:", "delegacion"), ("SUBDELEGACIÓN:", "subdelegacion"),
        ("UMF DE ADSCRIPCIÓN:", "umf"), ("DIRECCIÓN:", "direccion"), ("CONSULTORIO:", "consultorio"), ("TURNO:", "turno"),
    )  # fmt: skip
    _person(sheet, facts, labels)
    sheet.section("DOMICILIO ACTUALIZADO")
    _person(sheet, facts, _HOME)
    sheet.section("MEDIOS DE CONTACTO")
    sheet.pair("CORREO ELECTRÓNICO:", facts.get("correo", ""))
    _seals(sheet, facts, "Registro de asegurado en UMF")
    return sheet.done()


_HOME = (
    ("CALLE:", "calle"), ("NÚMERO:", "numero_exterior"), ("NÚMERO INTERIOR:", "numero_interior"), ("COLONIA:", "colonia"),
    ("DELEGACIÓN O MUNICIPIO:", "municipio"), ("ENTIDAD FEDERATIVA:", "estado"), ("CÓDIGO POSTAL:", "codigo_postal"),
)  # fmt: skip


def _carnet(facts: Facts) -> bytes:
    sheet = Sheet("Carnet de citas", facts)
    sheet.head("Instituto Mexicano del Seguro Social", "Carnet de citas médicas")
    sheet.canvas.setStrokeColor(GREY)
    sheet.canvas.rect(RIGHT - 80, TOP - 130, 80, 96)
    sheet.canvas.setFillColor(GREY)
    sheet.canvas.setFont(PLAIN, 9)
    sheet.canvas.drawCentredString(RIGHT - 40, TOP - 86, "Fotografía")
    labels = (
        ("No. SEG. SOCIAL:", "nss"), ("AGREGADO MÉDICO:", "agregado_medico"), ("NOMBRE:", "nombre_completo"), ("UNIDAD MÉDICA:", "umf"),
        ("TURNO:", "turno"), ("CONSULTORIO No.:", "consultorio"),
    )  # fmt: skip
    _person(sheet, facts, labels)
    sheet.section("DATOS GENERALES")
    _person(sheet, facts, (("CURP:", "curp"), ("EDAD:", "edad"), *_HOME, *((label.upper(), name) for label, name in reversed(_BIRTH[1:]))))
    return sheet.done()


RENDERED: dict[str, Callable[[Facts], bytes]] = {
    "nss": _nss,
    "tarjeta": _card,
    "vigencia": _vigencia,
    "acuse_clinica": _clinic,
    "carnet": _carnet,
    **other_papers.RENDERED,
}
