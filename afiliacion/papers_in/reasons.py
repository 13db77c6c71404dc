"""Every reason for which a brought document is doubtful or refused, in Spanish; `{…}` is filled in when it is told. The gravest first."""

from __future__ import annotations

from typing import Final

from paper_reader.reading import Field, Kind

#: What each field is called in a sentence.
NAMES: Final = {
    Field.NSS: "el NSS", Field.CURP: "la CURP", Field.FULL_NAME: "el nombre", Field.FIRST_NAMES: "el nombre",
    Field.FIRST_SURNAME: "el primer apellido", Field.SECOND_SURNAME: "el segundo apellido", Field.SEX: "el sexo",
    Field.BIRTH_DATE: "la fecha de nacimiento", Field.BIRTH_PLACE: "el lugar de nacimiento", Field.FOLIO: "el folio",
    Field.ISSUED_ON: "la fecha del documento", Field.RIGHT: "si hay derecho al servicio médico",
    Field.VIGENCIA_UNTIL: "hasta cuándo está vigente", Field.REGISTRO_PATRONAL: "el registro patronal",
    Field.EMPLOYER: "el nombre del patrón", Field.DELEGACION: "la delegación",
    Field.UMF: "la clínica (UMF)", Field.TURNO: "el turno", Field.CONSULTORIO: "el consultorio",
    Field.AGREGADO_MEDICO: "el agregado médico",
}  # fmt: skip

#: Papers that are brought by mistake: what they are, and which one is meant.
BY_MISTAKE: Final = {
    Kind.SEMANAS_COTIZADAS: (
        "Es una constancia de semanas cotizadas: no dice si hay derecho al servicio médico. Hay que traer la hoja del NSS o la "
        "constancia de vigencia."
    ),
    Kind.NO_DERECHOHABIENCIA: (
        "Es una constancia de no derechohabiencia: apoya la manifestación de que no hay otro seguro, pero no trae el NSS. Hay "
        "que traer la hoja del NSS."
    ),
    Kind.CURP_SHEET: (
        "Es la hoja de la CURP: no trae el NSS. Hay que traer la hoja del NSS, que se obtiene en el portal del IMSS con esa CURP."
    ),
    Kind.EMPLOYER_CONSTANCIA: "Es una constancia de un patrón, no del alumno. Hay que traer la hoja del NSS o la constancia de vigencia.",
    Kind.ALTA_PATRONAL: (
        "Es el alta de un registro patronal, de la escuela y no del alumno. Hay que traer la hoja del NSS o la constancia de vigencia."
    ),
    Kind.WEB_PAGE: "Es una página del portal del IMSS, o una captura de ella, no el documento. Hay que descargar ahí el PDF y traerlo.",
    Kind.UNKNOWN: "No se reconoce qué documento es. Hay que revisarlo a mano, o pedir el PDF que dio el IMSS.",
}

#: By code. The order is that in which they are told.
REASONS: Final = {
    "no_student": "No se sabe de qué alumno es: no hay ninguno con esa CURP entre los de estos planteles. Búsquelo por su nombre.",
    "of_another": "El documento es de otra persona: su CURP ({said}) y su nombre no son los del alumno. Hay que traer el propio.",
    "curp_differs": "La CURP del documento ({said}) no es la del alumno: revise cuál está bien antes de aceptarlo.",
    "curp_former": "La CURP del documento ({said}) es la que el alumno tenía antes de corregirse: revise que el IMSS tenga la de ahora.",
    "nss_of_another": "Ese NSS ya lo tiene otro alumno: revise de quién es. Suele ser el de un familiar o un error al bajar la hoja.",
    "brought_by_another": "El mismo archivo lo trajo otro alumno: revise de quién es.",
    "nss_differs": "El NSS del documento ({said}) no es el que tiene el alumno: revise cuál está bien antes de aceptarlo.",
    "nss_digit": "El NSS que se leyó ({said}) no es válido: {why}",
    "curp_digit": "La CURP que se leyó ({said}) no es válida: {why}",
    "beneficiary": "El agregado médico ({said}) es de un beneficiario: el NSS puede ser el de su padre, su madre o su cónyuge.",
    "birth_year": "El NSS dice que su titular nació en ’{said} y el alumno nació en {ours}: puede ser el NSS de un familiar.",
    "name_differs": "El nombre del documento ({said}) no es el del alumno ({ours}): revise que sea la misma persona.",
    "birth_differs": "La fecha de nacimiento del documento ({said}) no es la del alumno ({ours}): revise que sea la misma persona.",
    "sex_differs": "El sexo que dice el documento no es el de la CURP del alumno: revise que sea la misma persona.",
    "agregado_differs": (
        "El agregado médico ({said}) no es de una persona con el sexo y el año de nacimiento del alumno: revise de quién es."
    ),
    "disagree": "El documento se contradice: {field} no es igual en todas sus partes ({said}). Puede estar alterado: pida el PDF original.",
    "several_documents": "El archivo trae más de un documento: hay que subirlos por separado.",
    "future": "La fecha del documento ({said}) todavía no llega: puede estar alterado, o la fecha de este equipo está mal.",
    "folio_date": "El folio dice que el documento se hizo el {ours} y la fecha impresa es {said}: puede estar alterado.",
    "changed": "El PDF se cambió después de hecho: puede estar alterado. Compárelo con el original, o pida que se descargue otra vez.",
    "editor": "El PDF se hizo con un programa para escribir o editar documentos, no en el IMSS: pida que se descargue otra vez.",
    "covered": "Hay un dato escrito encima de otro: el PDF puede estar alterado. Pida que se descargue otra vez.",
    "fonts": "Un dato está escrito con otra letra que los demás: el PDF puede estar alterado. Pida que se descargue otra vez.",
    "text_over_picture": "Es un documento escaneado al que un programa le puso texto: confirme cada dato con la imagen.",
    "ocr": "Se leyó de una imagen, sin texto ni código: confirme cada dato con la imagen.",
    "missing": "No se encontró {field} en el documento: complételo con la imagen, o pida el PDF que dio el IMSS.",
    "old_constancia": "La constancia es del {said}, de antes de este ciclo: no dice nada de ahora. Hay que traer una nueva.",
    "old_sheet": "La hoja es del {said}, de antes de este ciclo. El NSS no cambia: confirme que la escuela la acepta.",
    "old_clinic": "El documento es del {said}, de antes de este ciclo: la clínica pudo cambiar. Confírmela con el alumno.",
    "no_right": "La constancia dice NO: confirme que ya pasó el plazo desde el alta antes de anotarlo.",
    "no_alta": "La constancia dice NO y todavía no se envía el alta: no hay nada que anotar.",
    "worker": (
        "El agregado médico ({said}) no es de estudiante, aunque el registro patronal es de la escuela: revise con quién está "
        "asegurado."
    ),
    "student_elsewhere": (
        "El agregado médico ({said}) es de estudiante y el registro patronal es de otra escuela: revise si cambió de plantel."
    ),
    "no_own_registro": "No se sabe el registro patronal del plantel: anótelo en Ajustes para comparar con él la constancia.",
    "nss_unknown": "El alumno todavía no tiene NSS anotado: acepte primero la hoja del NSS.",
    "not_yet": "El expediente no espera este documento todavía ({said}): revise su estado.",
    "card": "Es la tarjeta del NSS, no la hoja: confirme que la escuela la acepta como acuse.",
    "nothing_new": "El expediente ya tiene lo que dice este documento: no hay nada que anotar.",
}  # fmt: skip
#: What is refused; everything else is a doubt.
REFUSING: Final = frozenset({"of_another"})
