"""The printed sheets, label by label in the order of IMSS' own; each says that it is practice.

The order of labels is that of the documents schools have shown (see docs/imss-mock.md): a reader of the real ones must be able to
read these. Nothing is drawn over the text, and each label is written right before its value.
"""

import base64
import io
from collections.abc import Callable, Sequence
from hashlib import sha256

import segno
from reportlab.lib.colors import Color, HexColor, black, white
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = letter
LEFT, RIGHT, TOP, BOTTOM = 54, WIDTH - 54, HEIGHT - 40, 60
WINE, GREY, LINE = HexColor("#611232"), HexColor("#555555"), HexColor("#bbbbbb")
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
SAMPLE = "IMSS DE PRÁCTICA · DOCUMENTO DE UN SIMULADOR, SIN VALIDEZ OFICIAL"
Facts = dict[str, str]
PUBLISHED = "10 / 11 / 2015"  # in the DOF, of the constancia's form


class Sheet:
    """A letter page that is written from the top down."""

    def __init__(self, title: str) -> None:
        self._file = io.BytesIO()
        self.canvas = Canvas(self._file, pagesize=letter, invariant=1, lang="es-MX")
        self.canvas.setTitle(f"{title} (práctica)")
        self.y = float(TOP)

    def text(self, words: str, *, size: float = 10, font: str = PLAIN, color: Color = black, x: float = LEFT, gap: float = 5) -> None:
        """One line."""
        self.canvas.setFillColor(color)
        self.canvas.setFont(font, size)
        self.y -= size
        self.canvas.drawString(x, self.y, words)
        self.y -= gap

    def paragraph(self, words: str, size: float = 8) -> None:
        """As many lines as it takes."""
        for line in simpleSplit(words, PLAIN, size, RIGHT - LEFT):
            self.text(line, size=size, gap=2, color=GREY)
        self.y -= 6

    def head(self, *lines: str) -> None:
        """Who issues it, and what it is."""
        self.text("gob.mx", size=16, font=BOLD, color=WINE)
        for line in lines[:-1]:
            self.text(line, size=12, gap=4)
        self.text(lines[-1], size=15, font=BOLD, gap=10)

    def section(self, title: str) -> None:
        """A band that names what follows."""
        self.y -= 6
        self.canvas.setFillColor(WINE)
        self.canvas.rect(LEFT, self.y - 15, RIGHT - LEFT, 16, stroke=0, fill=1)
        self.text(title, font=BOLD, color=white, x=LEFT + 6, gap=9)

    def pair(self, label: str, value: str, at: float = 190) -> None:
        """A label and its value, side by side."""
        self.canvas.setFillColor(GREY)
        self.canvas.setFont(PLAIN, 10)
        self.y -= 10
        self.canvas.drawString(LEFT, self.y, label)
        self.canvas.setFillColor(black)
        self.canvas.setFont(BOLD, 10)
        for place, line in enumerate(simpleSplit(value, BOLD, 10, RIGHT - LEFT - at)):
            self.y -= 12 if place else 0
            self.canvas.drawString(LEFT + at, self.y, line)
        self.y -= 7

    def table(self, *columns: tuple[str, str]) -> None:
        """One row of values under its headings."""
        wide = (RIGHT - LEFT) / len(columns)
        for place, (label, _) in enumerate(columns):
            self._cell(place * wide, label, PLAIN, GREY)
        self.y -= 14
        for place, (_, value) in enumerate(columns):
            self._cell(place * wide, value, BOLD, black)
        self.y -= 20
        self.canvas.setStrokeColor(LINE)
        self.canvas.line(LEFT, self.y + 9, RIGHT, self.y + 9)

    def _cell(self, x: float, words: str, font: str, color: Color) -> None:
        size = 9.0
        while self.canvas.stringWidth(words, font, size) > RIGHT - LEFT - x and size > 5:
            size -= 0.5
        self.canvas.setFillColor(color)
        self.canvas.setFont(font, size)
        self.canvas.drawString(LEFT + x, self.y - 9, words)

    def qr(self, payload: str, side: float) -> None:
        """A QR code at the left, as one path: hundreds of rectangles cost four times as much."""
        matrix = segno.make(payload, error="m", micro=False).matrix
        cell = side / len(matrix)
        path = self.canvas.beginPath()
        for row, line in enumerate(matrix):
            for column, dark in enumerate(line):
                if dark:
                    path.rect(LEFT + column * cell, self.y - (row + 1) * cell, cell, cell)
        self.canvas.setFillColor(black)
        self.canvas.drawPath(path, stroke=0, fill=1)
        self.y -= side + 12

    def seals(self, facts: Facts) -> None:
        """The four lines that close IMSS' sheets; here they only look the part."""
        chain = f"||{facts['folio']}|{facts['fecha']}|{facts['nss']}|{facts['curp']}||"
        digest = sha256(chain.encode()).digest()
        number = str(int.from_bytes(digest))
        self.y -= 4
        for label, value in (
            ("Cadena original:", chain),
            ("Sello Digital:", base64.b64encode(digest).decode()),
            ("Secuencia Notarial:", number[:8]),
            ("Número de Serie:", number[8:28]),
        ):
            self.pair(label, value, at=110)

    def done(self) -> bytes:
        """The file."""
        self.canvas.setFillColor(WINE)
        self.canvas.setFont(BOLD, 8)
        self.canvas.drawString(LEFT, BOTTOM - 20, SAMPLE)
        self.canvas.drawRightString(RIGHT, BOTTOM - 20, "Hoja 1 de 1")
        self.canvas.setStrokeColor(WINE)
        self.canvas.roundRect(RIGHT - 190, TOP - 18, 190, 20, 3)
        self.canvas.drawCentredString(RIGHT - 95, TOP - 11, "SIMULADOR · SIN VALIDEZ OFICIAL")
        self.canvas.save()
        return self._file.getvalue()


def render(tipo: str, facts: Facts) -> bytes:
    """The PDF of a document of this kind; the same facts give the same bytes."""
    return RENDERED[tipo](facts)


def _nss(facts: Facts) -> bytes:
    found = facts.get("resultado") == "LOCALIZADO"
    deed, done = ("Localización", "localizó") if found else ("Asignación", "asignó")
    sheet = Sheet(f"{deed} de NSS")
    sheet.head("Instituto Mexicano del Seguro Social", f"{deed} de Número de Seguridad Social")
    sheet.table(("Homoclave del trámite", "IMSS-02-008"), ("Folio", facts["folio"]))
    sheet.table(("Homoclave del formato", "FF-IMSS-PRÁCTICA"), ("Fecha de solicitud del trámite", facts["fecha"]))
    sheet.text(f"El Instituto Mexicano del Seguro Social hace constar que se {done} el siguiente:", gap=10)
    sheet.pair("Número de Seguridad Social:", facts["nss"])
    _person(sheet, facts, (("CURP:", "curp"), ("Nombre(s):", "nombre"), *_SURNAMES, *_BIRTH))
    sheet.paragraph(
        "Este Número de Seguridad Social es único, permanente e intransferible. Tenerlo no da por sí mismo derecho al servicio médico:"
        " la escuela o el patrón deben inscribir a la persona en el Instituto."
    )
    sheet.text("Aviso de privacidad", font=BOLD, size=9)
    sheet.paragraph("En este simulador nadie es real: los datos son inventados y solo sirven para practicar el trámite.")
    sheet.seals(facts)
    return sheet.done()


_SURNAMES = (("Primer apellido:", "primer_apellido"), ("Segundo apellido:", "segundo_apellido"))
_BIRTH = (("Sexo:", "sexo"), ("Fecha de nacimiento:", "nacimiento"), ("Lugar de nacimiento:", "lugar"))


def _person(sheet: Sheet, facts: Facts, labels: Sequence[tuple[str, str]]) -> None:
    for label, name in labels:
        sheet.pair(label, facts[name])


def card_payload(facts: Facts) -> str:
    """What the card's QR says: parts divided by bars, the NSS in the third, name and CURP after it, each with its label."""
    return f"IMSS DE PRACTICA|{facts['folio']}|NSS: {facts['nss']}|Nombre: {facts['nombre_completo']}|CURP: {facts['curp']}"


def _card(facts: Facts) -> bytes:
    sheet = Sheet("Tarjeta de NSS")
    sheet.head("Instituto Mexicano del Seguro Social", "Tarjeta de Número de Seguridad Social")
    sheet.qr(card_payload(facts), 130)
    labels = (("Folio:", "folio"), ("NSS:", "nss"), ("Nombre:", "nombre_completo"), ("CURP:", "curp"), ("Fecha de emisión:", "fecha"))
    _person(sheet, facts, labels)
    sheet.paragraph("Guarda esta tarjeta: el número es el mismo para toda la vida.")
    return sheet.done()


def _vigencia(facts: Facts) -> bytes:
    sheet = Sheet("Constancia de vigencia")
    sheet.head("Instituto Mexicano del Seguro Social", "Constancia de Vigencia de Derechos")
    published = ("Fecha de publicación del formato en el DOF", PUBLISHED)
    sheet.table(("Homoclave del trámite", "IMSS-02-020"), ("Homoclave del formato", "FF-IMSS-012"), published)
    sheet.pair("Folio:", facts["folio"])
    sheet.section("Datos Generales")
    labels = (("NSS:", "nss"), ("CURP:", "curp"), ("Nombre(s), primer apellido y segundo apellido:", "nombre_completo"), *_BIRTH)
    for label, name in labels:
        sheet.pair(label, facts[name], at=240)
    sheet.section("Datos de Aseguramiento")
    insured = (
        ("Con derecho al servicio médico:", "con_derecho"), ("Vigente:", "vigente"), ("Delegación:", "delegacion"), ("UMF:", "umf"),
        ("Turno:", "turno"), ("Consultorio:", "consultorio"), ("Agregado Médico:", "agregado_medico"),
    )  # fmt: skip
    for label, name in insured:
        sheet.pair(label, facts[name], at=240)
    sheet.section("Datos del último patrón")
    sheet.table(("Registro Patronal", facts["registro_patronal"]), ("Nombre o razón social", facts["razon_social"]))
    sheet.section("Detalle de vigencia")
    sheet.table(("Estado", facts["estado"]), ("Inicio de Vigencia", facts["inicio"]), ("Fecha de Constancia", facts["fecha"]))
    sheet.section("Beneficiarios")
    sheet.text("Sin beneficiarios registrados: el seguro de estudiantes cubre solo al estudiante.", size=9, color=GREY)
    return sheet.done()


def _clinic(facts: Facts) -> bytes:
    change = facts.get("tramite") == "cambio"
    sheet = Sheet("Acuse de clínica")
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
    sheet.seals(facts)
    return sheet.done()


_HOME = (
    ("CALLE:", "calle"), ("NÚMERO:", "numero_exterior"), ("NÚMERO INTERIOR:", "numero_interior"), ("COLONIA:", "colonia"),
    ("DELEGACIÓN O MUNICIPIO:", "municipio"), ("ENTIDAD FEDERATIVA:", "estado"), ("CÓDIGO POSTAL:", "codigo_postal"),
)  # fmt: skip


def _carnet(facts: Facts) -> bytes:
    sheet = Sheet("Carnet de citas")
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
}
