"""What each screen is for and what to do on it, in two sentences, by the name its template gives."""

from __future__ import annotations

from typing import Final

HELP: Final = {
    "home": "Lo que espera hoy y a quién le toca. "
    "Cada número abre la lista de los expedientes que cuenta.",
    "worklist": "Aquí busca, filtra y actúa sobre los expedientes de su plantel. "
    "Elija alumnos con la casilla y abajo aparece lo que se puede hacer con ellos.",
    "upload-not-returned": "Quiénes tienen abierto un expediente de un ciclo que ya terminó y no vienen en la lista nueva. "
    "A nadie se le da de baja solo: usted elige a quién, con qué tipo de baja, y puede deshacerlo.",
    "bulk-preview": "Qué pasaría con cada expediente que usted eligió. Nada se hace hasta que usted lo confirme aquí.",
    "bulk-result": "Qué pasó con cada expediente que usted eligió. "
    "Lo que no se hizo dice por qué, y se puede intentar desde su expediente.",
    "case": "Arriba, en qué paso va el alumno; abajo, lo único que toca hacer ahora. "
    "Lo demás que puede hacer está en «Otras acciones», y todo queda en la historia.",
    "counter": "Reciba aquí lo que entregan los alumnos: lea su código, marque con un número y guarde con Enter. "
    "Si la red se cae, lo recibido se guarda en esta computadora y se envía solo.",
    "imss": "Lo que falta preguntar, lo que espera a una persona y lo que el IMSS respondió sobre alguien más. "
    "Casi todo se resuelve solo: atienda primero lo que pide revisarse.",
    "sheets": "Lo que traen los alumnos, leído y con lo que propone anotar, sin importar por dónde llegó. "
    "Ábralas una tras otra: con una tecla se aceptan y con otra se rechazan.",
    "paper": "A la izquierda la hoja, con el lugar de cada dato; a la derecha, lo que dice y lo que se anotaría. "
    "Acéptela, corrija lo que no coincida o diga por qué no sirve: la siguiente se abre sola.",
    "paper-alone": "Esta hoja se recibió en papel, así que no hay archivo que leer. "
    "Acéptela si la tiene a la vista, o diga por qué no sirve.",
    "bundle": "Qué pasó con cada archivo que trajo: de quién es, si se anotó, espera o no sirvió, y por qué. "
    "Traerlo otra vez no repite nada.",
    "desk": "Los casos que el IMSS resuelve en persona: va el responsable, no el alumno. "
    "Reúna los de una subdelegación, llévelos con un oficio y anote al volver qué respondieron de cada uno.",
    "visit": "Lleve el oficio y la lista, y al volver anote lo que respondieron de cada alumno. "
    "Los que no anote siguen pendientes en esta salida.",
    "movements": "Cuántas altas y bajas faltan por enviar, cuántas van en camino y qué rechazó el IMSS. Cada número lleva a su lista.",
    "movements-group": "Lo que lleva el próximo lote y lo que algo detiene: corríjalo en el expediente. "
    "Haga el lote, preséntelo en IDSE y traiga su acuse de recibo; solo entonces avanzan los expedientes.",
    "answer": "Lo que el IMSS respondió, renglón por renglón, y qué cambia en cada expediente. Nada se aplica hasta que usted lo diga, "
    "y se deshace mientras no se haya hecho nada más.",
    "lote": "Descargue el archivo y preséntelo en IDSE tal como está. "
    "Anote el número de lote que dio IDSE y, cuando llegue, el acuse de recibo con lo que rechazó de entrada.",
    "reconciliation": "Lo que no coincide entre la escuela, la oficina y el IMSS, contado en este momento. "
    "Cada número abre su lista y dice cómo se arregla; cuando todos llegan a cero, todo cuadra.",
    "reconciliation-list": "Los expedientes o personas de una diferencia y lo que la termina. "
    "En cuanto se arregla uno, sale solo de esta lista.",
    "insured-lists": "Si su subdelegación le da la lista de quién está asegurado con un registro patronal, tráigala aquí. "
    "Se compara con lo que consta en la oficina; por sí sola no cambia nada.",
    "rejections": "Los movimientos que el IMSS rechazó, por clase, con lo que dijo y lo que cada quien puede hacer. "
    "Los que ya se enviaron otra vez o ya no hacen falta también están, y lo dicen.",
    "uploads": "Suba la lista tal como sale de su sistema escolar. "
    "Primero verá qué haría; nada se guarda hasta que usted lo confirme.",
    "openings": "Para una escuela que ya tenía a sus alumnos asegurados: una lista dice quiénes, y no se vuelve a pedir su alta. "
    "Primero verá qué haría; nada se guarda hasta que usted lo confirme.",
    "opening": "Revise qué se encontró de cada fila: solo se declaran los reconocidos. "
    "Su vigencia se le sigue preguntando al IMSS, y lo que no sea cierto aparecerá entonces.",
    "upload": "Revise qué haría la lista y confirme. "
    "Las filas con errores no se cargan: descárguelas, corríjalas y súbalas de nuevo.",
    "upload-done": "Lo que cargó la lista y lo que no. "
    "Si no era la lista correcta, deshágala mientras nadie haya avanzado en sus expedientes.",
    "upload-rows": "Qué es cada fila de la lista y, cuando se carga, qué se hizo con ella. "
    "Las que no se pueden cargar dicen por qué.",
    "upload-persons": "Compare cada fila con la persona registrada y diga si es la misma: entonces se corrige su CURP y nada se duplica. "
    "Las que no responda no se cargan; puede subir la lista otra vez y responderlas después.",
    "upload-questions": "Elija entre las lecturas que se muestran: la lista se revisa otra vez con sus respuestas y nada se guarda antes. "
    "Lo que no responda no se carga así; puede cambiarlo mientras no cargue la lista.",
    "school-words": "Lo que dijo el plantel que significan sus palabras en las listas. "
    "Al olvidar una, la próxima lista que la traiga volverá a preguntar.",
    "upload-mapping": "Diga qué encabezado de su lista es cada columna. "
    "La próxima lista con los mismos encabezados ya no lo preguntará.",
    "list-columns": "Los encabezados se reconocen en mayúsculas o minúsculas, con o sin acentos, y bajo renglones de título. "
    "Las columnas que no están aquí no se leen.",
    "consents": "Lo que otros planteles piden sobre alumnos que también son suyos, y lo que su plantel pidió. "
    "Mientras nadie responda no se cambia nada; pasado el plazo decide la coordinación.",
    "consent": "Lea qué se pide y quién lo pide. "
    "Si lo acepta se hace en ese momento; si no, escriba el motivo.",
    "without-curp": "Los alumnos que una lista trajo sin CURP o con una genérica, por el día en que toca volver a preguntarles. "
    "Cuando la traigan, escríbala aquí o súbala en una lista: entonces se abre su expediente.",
    "without-curp-person": "Lo que la lista dijo de un alumno que aún no tiene CURP. "
    "Escríbala cuando la traiga, ponga otro día para preguntarle o ciérrelo con su motivo.",
    "jobs": "Lo que la oficina hace por sí misma: las noches, las listas que se cargan, los correos, la espera del IMSS. "
    "Lo que falló está arriba hasta que alguien diga que lo vio.",
    "settings": "Cómo trabaja la oficina. "
    "Antes de guardar verá qué va a pasar; cada cambio queda anotado con quién y cuándo.",
    "settings-changes": "Quién cambió un ajuste, cuándo, qué decía y qué dice ahora. "
    "Esta lista no se edita ni se borra.",
    "people": "Cada quien ve solo sus planteles. "
    "A quien deja de trabajar aquí quítele la entrada; lo que anotó se queda con su nombre.",
    "setting-remove": "Lo que se quita deja de usarse desde ahora; lo que ya se hizo con ello se conserva. "
    "Si algo todavía lo necesita, se lo decimos y no se quita.",
    "first-step": "Siga los pasos en orden; cada uno toma un minuto. "
    "Puede saltarse alguno y volver después desde Ajustes.",
    "printing": "Imprima para muchos a la vez. "
    "Se prepara solo mientras usted sigue con otra cosa.",
    "print-job": "Sus documentos se preparan aunque cierre esta página. "
    "Cuando estén listos, descárguelos e imprímalos.",
    "notices": "Los correos que la oficina manda sola: qué sale esta noche, qué no llegó y con qué palabras. "
    "Si algo va mal, deténgalos y nada se pierde.",
    "notices-because": "Por qué el alumno recibió, o no, un correo, noche por noche. "
    "Abajo está lo que se le escribió, tal como salió.",
    "notice-texts": "Cada plantel puede decirlo con sus palabras. "
    "Lo ya enviado conserva las suyas.",
    "notice-text": "Cambie las frases y vea cómo queda el correo antes de guardarlo. "
    "Las palabras que empiezan con $ se llenan solas con los datos de cada alumno.",
    "reports": "Cómo va un ciclo: cuántos acuses llegaron a tiempo, cuánto tarda la vigencia y por qué hubo renuncias y rechazos. "
    "Cada gráfica tiene su tabla y se puede descargar.",
    "mails": "Lo que la oficina habría enviado. "
    "Nada salió de esta computadora.",
    "mail": "Así lo vería quien lo recibe. "
    "Nada salió de esta computadora.",
    "password": "Una frase larga es mejor que una palabra rara: al menos 15 letras, con espacios si quiere. "
    "Al cambiarla se cierran sus sesiones en otros equipos.",
    "person-handover": "Los expedientes pasan a esa persona de una vez, y se puede deshacer. "
    "Los de un plantel en que no trabaja se quedan como están, y se dice cuáles.",
    "person": "Escriba quién es y en qué planteles trabaja: no verá los expedientes de otros. "
    "Un puesto en todos los planteles es de coordinación.",
    "upload-working": "La oficina trabaja en esta lista aunque usted cierre la página. "
    "Aquí se ve cuánto lleva.",
}  # fmt: skip
