"""What the stand-in can say: one closed list of codes, and the answer that travels from the rules to HTTP and the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Codigo(Enum):
    """Every refusal: HTTP status and the sentence the asker reads. The name is the `codigo` of the JSON answer."""

    JSON_INVALIDO = (400, "El cuerpo de la solicitud no es un documento JSON en UTF-8.")
    RUTA_DESCONOCIDA = (404, "Esa dirección no existe en este servicio.")
    METODO_NO_PERMITIDO = (405, "Esa dirección no acepta ese método.")
    SOLICITUD_DEMASIADO_GRANDE = (413, "La solicitud rebasa el tamaño permitido.")
    TIPO_DE_CONTENIDO_INVALIDO = (415, "La solicitud debe enviarse como application/json.")
    SOLICITUD_INVALIDA = (422, "Falta un dato de la solicitud o no tiene la forma esperada.")
    CURP_INVALIDA = (422, "La CURP no es válida. Verifica sus 18 caracteres.")
    NSS_INVALIDO = (422, "El NSS no es válido. Verifica sus 11 dígitos.")
    CORREO_INVALIDO = (422, "El correo electrónico no es válido.")
    CORREO_DE_OTRA_CURP = (422, "El correo electrónico ya está registrado con otra CURP.")
    EN_PROCESO = (202, "La solicitud está en proceso. Vuelve a consultarla más tarde.")
    ACUDIR_SUBDELEGACION = (422, "No fue posible concluir el trámite en línea. Acude a la subdelegación con los documentos indicados.")
    SIN_REGISTRO = (422, "No existe registro con la CURP y el NSS proporcionados.")
    SIN_VIGENCIA = (422, "No cuentas con derecho al servicio médico vigente. Acude a tu escuela o a tu patrón.")
    SIN_CLINICA = (422, "Aún no tienes una clínica registrada. Usa el alta en clínica.")
    CLINICA_YA_REGISTRADA = (409, "Ya tienes una clínica registrada. Usa el cambio de clínica.")
    UMF_FUERA_DE_ZONA = (422, "La unidad de medicina familiar no atiende ese domicilio.")
    CODIGO_POSTAL_DESCONOCIDO = (404, "No se encontró el código postal. Verifica sus cinco dígitos.")
    COLONIA_DESCONOCIDA = (422, "La colonia no corresponde al código postal.")
    FALTAN_DOCUMENTOS = (422, "Faltan documentos. Preséntalos completos en la ventanilla.")
    SIN_CASO_EN_SUBDELEGACION = (422, "La subdelegación no tiene ningún caso pendiente con esa CURP.")
    REGISTRO_PATRONAL_INVALIDO = (422, "El registro patronal no es de la modalidad 32 o no tiene 11 posiciones.")
    FECHA_INVALIDA = (422, "La fecha no existe en el calendario.")
    CAUSA_BAJA_INVALIDA = (422, "Toda baja lleva causa (1 a 9 o A) y ninguna alta la lleva.")
    CLAVE_CON_DATOS_PERSONALES = (422, "La clave de idempotencia no debe contener la CURP ni el NSS.")
    CLAVE_REUTILIZADA = (409, "Esa clave de idempotencia ya se usó con otros datos.")
    MOVIMIENTO_DESCONOCIDO = (404, "No se ha recibido ningún movimiento con esa clave.")
    ARCHIVO_INVALIDO = (422, "El archivo no es un lote: debe ser texto en ASCII o Windows-1252, un movimiento por renglón.")
    LONGITUD_INVALIDA = (422, "Un renglón no tiene 168 posiciones. No se recibió ningún movimiento del archivo.")
    TIPOS_MEZCLADOS = (422, "El archivo debe ser de un solo tipo de movimiento, 08 o 02. No se recibió ningún movimiento.")
    REGISTRO_DISTINTO = (422, "Un renglón es de otro registro patronal. No se recibió ningún movimiento del archivo.")
    REGISTRO_NO_VIGENTE = (422, "El registro patronal no está vigente. No se recibió ningún movimiento del archivo.")
    CIFRAS_INVALIDAS = (422, "Las cifras de control no corresponden a los renglones. No se recibió ningún movimiento del archivo.")
    FIRMA_INVALIDA = (422, "La contraseña de la e.firma no es correcta. No se recibió ningún movimiento.")
    CERTIFICADO_VENCIDO = (422, "El certificado de la e.firma está vencido. No se recibió ningún movimiento.")
    SIN_MOVIMIENTOS_RECIBIDOS = (422, "Todos los renglones se rechazaron. No hay lote.")
    LOTE_DESCONOCIDO = (404, "No se ha recibido ningún lote con ese recibo, o no tiene ese documento.")
    RELOJ_SOLO_AVANZA = (409, "La fecha simulada solo puede avanzar, y hasta el año 2099.")
    DEMASIADAS_SOLICITUDES = (429, "Se rebasó el número de solicitudes por segundo. Espera y vuelve a intentar.")
    ERROR_INTERNO = (500, "Ocurrió un error inesperado en el servicio.")
    SERVICIO_NO_DISPONIBLE = (503, "El servicio no está disponible por el momento.")

    @property
    def status(self) -> int:
        """HTTP status the code travels with."""
        return self.value[0]

    @property
    def mensaje(self) -> str:
        """Sentence for people."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: HTTP status, JSON body, the word the ledger keeps for it, extra headers, and the mood that spoilt it (None: honest)."""

    status: int
    body: Mapping[str, object]
    result: str
    headers: Mapping[str, str] = field(default_factory=dict)
    animo: str | None = None


class RefusedError(Exception):
    """The request cannot be worked on; carries the answer to give."""

    def __init__(self, codigo: Codigo, **extra: Any) -> None:
        super().__init__(codigo.name)
        self.answer = refuse(codigo, **extra)


def said(result: str, body: Mapping[str, object]) -> Answer:
    """A 200 answer; `result` is its word in the ledger."""
    return Answer(200, body, result)


def refuse(codigo: Codigo, headers: Mapping[str, str] | None = None, **extra: Any) -> Answer:
    """The answer for a code; `extra` are further members of the JSON body."""
    body = {"codigo": codigo.name, "mensaje": codigo.mensaje, **extra}
    return Answer(codigo.status, body, codigo.name, headers or {})
