"""Papers that students bring in place of the one asked for, and the beneficiaries' form that clinics print along."""

from __future__ import annotations

from collections.abc import Callable

from imss_mock.procedures.sheet import GREY, Facts, Sheet

HEAD = "Instituto Mexicano del Seguro Social"


def _weeks(facts: Facts) -> bytes:
    """It has NSS and CURP, in other places, and jobs: it says nothing of cover."""
    sheet = Sheet("Semanas cotizadas", facts)
    sheet.head(HEAD, "Constancia de Semanas Cotizadas en el IMSS")
    sheet.text("Estimado(a),")
    sheet.value(facts["nombre_completo"])
    sheet.pair("Fecha de emisión del reporte", " / ".join(facts["fecha"].split("/")))
    sheet.pair("NSS:", facts["nss"])
    sheet.pair("CURP:", facts["curp"])
    sheet.table(("Total de semanas cotizadas", "52"), ("Semanas Descontadas (-)", "0"), ("Semanas Reintegradas (+)", "0"))
    sheet.section("Tu historia laboral")
    sheet.table(("Nombre del patrón", "TIENDA INVENTADA"), ("Registro Patronal", "C01-54321-10-2"), ("Entidad federativa", facts["lugar"]))
    sheet.table(("Fecha de alta", "01/02/2025"), ("Fecha de baja", "Vigente"), ("Salario Base de Cotización", "$ 300.00"))
    return sheet.done()


def _no_right(facts: Facts) -> bytes:
    sheet = Sheet("No derechohabiencia", facts)
    sheet.head(HEAD, "Constancia de No Derechohabiencia")
    sheet.pair("Folio:", facts["folio"])
    sheet.pair("CURP:", facts["curp"])
    sheet.pair("Nombre:", facts["nombre_completo"])
    sheet.pair("Fecha de emisión:", facts["fecha"])
    sheet.paragraph(
        "A la fecha de consulta no se encontró a la persona como derechohabiente del Instituto. Solo dice lo que dice este simulador."
    )
    return sheet.done()


def _curp(facts: Facts) -> bytes:
    sheet = Sheet("CURP", facts)
    sheet.head("Estados Unidos Mexicanos", "Constancia de la Clave Única de Registro de Población")
    sheet.text("Clave:", color=GREY)
    sheet.value(facts["curp"], size=14)
    sheet.text("Nombre:", color=GREY)
    sheet.value(facts["nombre_completo"], size=12)
    sheet.pair("Entidad de registro:", facts["lugar"])
    sheet.pair("Fecha de inscripción:", facts["nacimiento"])
    return sheet.done()


def _beneficiaries(facts: Facts) -> bytes:
    """What clinics print with the acuse; NSS, CURP, modalidad and UMF, no folio."""
    sheet = Sheet("SAV-002", facts)
    sheet.head(HEAD, "Solicitud de registro o aviso de baja de beneficiario (SAV-002)")
    sheet.table(("Homoclave del formato", "FF-IMSS-PRÁCTICA"), ("Fecha de publicación del formato en el DOF", "31 / 07 / 2015"))
    sheet.section("Datos del asegurado")
    sheet.pair("NSS:", facts["nss"])
    sheet.pair("CURP:", facts["curp"])
    sheet.pair("Nombre:", facts["nombre_completo"])
    sheet.pair("UMF:", facts["umf"])
    sheet.pair("Modalidad:", "32")
    sheet.section("Datos del beneficiario")
    sheet.table(("Nombre(s) primer apellido y segundo apellido del beneficiario", ""), ("Parentesco", ""))
    sheet.paragraph("Declaro bajo protesta de decir verdad que los datos asentados son correctos. Documento de un simulador.")
    return sheet.done()


RENDERED: dict[str, Callable[[Facts], bytes]] = {
    "semanas_cotizadas": _weeks,
    "no_derechohabiencia": _no_right,
    "curp": _curp,
    "sav_002": _beneficiaries,
}
