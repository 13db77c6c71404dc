"""Why a brought document is not read, not drawn or not unpacked, in Spanish: what to do, said to students and officers alike."""

from __future__ import annotations

from typing import Final

_AGAIN: Final = "hay que descargarlo otra vez de donde salió, sin abrirlo ni guardarlo con otro programa."
_ACTS: Final = "por seguridad no se abre: hay que descargarlo otra vez del IMSS, o imprimirlo y escanearlo."
_LARGE: Final = "El archivo ocupa demasiado al abrirse: hay que descargarlo otra vez, o tomarle una foto con menos resolución."

#: By what `Reading.refused` says.
REFUSALS: Final = {
    "empty": "El archivo está vacío (0 bytes): hay que subirlo otra vez.",
    "unknown": "El archivo no es un PDF ni una foto (JPG, PNG o HEIC): hay que subir el PDF que dio el IMSS.",
    "two_in_one": f"El archivo trae algo antes del PDF, como si fuera dos archivos en uno: {_AGAIN}",
    "no_text": (
        "No se lee nada en la imagen: no trae texto ni el código QR de la tarjeta. Hay que subir el PDF que dio el IMSS; si es una foto, "
        "que se vea completa, derecha y sin sombras."
    ),
    "unknown_paper": "No se reconoce qué documento es. Hay que revisarlo a mano, o pedir el PDF que dio el IMSS.",
    "too_large": _LARGE,
    "size": "Las páginas del PDF son más grandes que las de un documento: hay que descargarlo otra vez de donde salió.",
    "pages": "El PDF tiene demasiadas páginas: hay que subir solo la hoja del IMSS.",
    "broken_picture": "La imagen está dañada o incompleta: hay que tomarla y subirla otra vez.",
    "broken": f"El PDF está dañado o incompleto: {_AGAIN}",
    "died": "El archivo no se pudo leer sin riesgo (tarda demasiado o no cabe en la memoria): hay que descargarlo otra vez de donde salió.",
    "encrypted": "El PDF está cifrado o protegido con contraseña: hay que descargarlo otra vez, sin protegerlo.",
    "script": f"El PDF trae un programa (JavaScript) y {_ACTS}",
    "launch": f"El PDF trae órdenes para abrir otros programas o archivos y {_ACTS}",
    "files": f"El PDF trae otros archivos adentro y {_ACTS}",
    "xfa": f"El PDF es un formulario con programas (XFA) y {_ACTS}",
}

#: By what the process says that draws a page; "" if it says nothing.
NOT_DRAWN: Final = {
    "": "La página no se puede mostrar: el archivo está dañado o pide demasiada memoria. Se puede descargar para verla.",
    **{word: REFUSALS[word] for word in ("encrypted", "size", "too_large", "broken", "broken_picture")},
    "pages": "El documento no tiene esa página.",
}

_FILE: Final = "El archivo «{file}» del ZIP"
#: By what the process says that unpacks a ZIP.
NOT_UNPACKED: Final = {
    "damaged": "El ZIP está dañado o incompleto: hay que comprimir la carpeta otra vez.",
    "empty": "El ZIP no trae ningún documento: hay que comprimir la carpeta con los archivos adentro.",
    "many": "El ZIP trae demasiados archivos: hay que dividirlo en varios.",
    "too_large": "El ZIP pide demasiada memoria al abrirse: hay que dividirlo en varios.",
    "encrypted": f"{_FILE} tiene contraseña: hay que comprimir la carpeta sin contraseña.",
    "large": f"{_FILE} es demasiado grande para ser una hoja: hay que quitarlo y comprimir otra vez.",
    "bomb": f"{_FILE} ocuparía demasiado al abrirse, y por seguridad no se abre: hay que quitarlo y comprimir otra vez.",
    "nested": f"{_FILE} es otro ZIP: hay que descomprimirlo y poner sus archivos en la carpeta.",
}
