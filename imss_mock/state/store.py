"""The stand-in's own database: one SQLite file, and group commit.

All requests of one turn of the event loop share a transaction; each waits for `committed()` before its answer is sent. So every
answer that was given survives a kill, and a thousand answers cost a few fsyncs instead of a thousand.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "imss_mock.sqlite3"
# What to run, in order, on a database that has seen the first n of them; a published one is never changed.
VERSIONS = (
    """
CREATE TABLE ajustes (clave TEXT PRIMARY KEY, valor TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE personas (
    curp TEXT PRIMARY KEY,
    nss TEXT CONSTRAINT nss_de_una_sola_curp UNIQUE,
    nombre TEXT, primer_apellido TEXT, segundo_apellido TEXT,
    persona TEXT NOT NULL,
    visto_el TEXT NOT NULL,
    solicitado_el TEXT
) WITHOUT ROWID;
CREATE TABLE correos (correo TEXT PRIMARY KEY, curp TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE movimientos (
    id INTEGER PRIMARY KEY,
    clave_idempotencia TEXT NOT NULL CONSTRAINT un_movimiento_por_clave UNIQUE,
    huella BLOB NOT NULL,
    tipo_movimiento TEXT NOT NULL, registro_patronal TEXT NOT NULL, nss TEXT NOT NULL, curp TEXT NOT NULL,
    fecha_movimiento TEXT NOT NULL, umf TEXT, clave_trabajador TEXT NOT NULL, causa_baja TEXT,
    recibo TEXT NOT NULL, fecha_trans TEXT NOT NULL,
    resuelve_el TEXT NOT NULL, codigo_error TEXT, vigencia_desde TEXT
);
CREATE INDEX movimientos_por_curp ON movimientos (curp);
CREATE TABLE bitacora (
    id INTEGER PRIMARY KEY,
    momento TEXT NOT NULL, fecha TEXT NOT NULL, operacion TEXT NOT NULL, curp TEXT, clave_idempotencia TEXT,
    estatus INTEGER NOT NULL, resultado TEXT NOT NULL, solicitud TEXT, respuesta TEXT NOT NULL
);
CREATE TRIGGER bitacora_no_cambia BEFORE UPDATE ON bitacora BEGIN SELECT RAISE(ABORT, 'bitacora_solo_crece'); END;
CREATE TRIGGER bitacora_no_borra BEFORE DELETE ON bitacora BEGIN SELECT RAISE(ABORT, 'bitacora_solo_crece'); END;
""",
    """
ALTER TABLE bitacora ADD COLUMN animo TEXT;
""",
    """
CREATE TABLE clinicas (
    curp TEXT PRIMARY KEY,
    delegacion TEXT NOT NULL, subdelegacion TEXT NOT NULL, umf TEXT NOT NULL, direccion TEXT NOT NULL,
    turno TEXT NOT NULL, consultorio TEXT NOT NULL, domicilio TEXT NOT NULL, registrada_el TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE documentos (
    folio TEXT PRIMARY KEY, tipo TEXT NOT NULL, curp TEXT NOT NULL, emitido TEXT NOT NULL, datos TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE tramites (
    id INTEGER PRIMARY KEY,
    tipo TEXT NOT NULL, curp TEXT NOT NULL, nss TEXT, correo TEXT NOT NULL,
    liga BLOB NOT NULL CONSTRAINT una_liga UNIQUE, sesion BLOB CONSTRAINT una_sesion UNIQUE,
    creado_a REAL NOT NULL, usado_a REAL NOT NULL, paso TEXT NOT NULL, datos TEXT NOT NULL
);
CREATE TABLE buzon (
    id INTEGER PRIMARY KEY,
    para TEXT NOT NULL, asunto TEXT NOT NULL, texto TEXT NOT NULL, documentos TEXT NOT NULL,
    escrito TEXT NOT NULL, enviado TEXT, falla TEXT
);
CREATE INDEX buzon_por_enviar ON buzon (id) WHERE enviado IS NULL;
""",
    """
CREATE TABLE numeros_anteriores (nss TEXT PRIMARY KEY, curp TEXT NOT NULL, cuenta_con TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE curps_anteriores (anterior TEXT PRIMARY KEY, curp TEXT NOT NULL) WITHOUT ROWID;
""",
    """
CREATE TABLE lotes (
    id INTEGER PRIMARY KEY,
    recibo TEXT NOT NULL CONSTRAINT un_lote_por_recibo UNIQUE,
    tipo TEXT NOT NULL, registro_patronal TEXT NOT NULL, archivo TEXT NOT NULL, huella TEXT NOT NULL,
    fecha_trans TEXT NOT NULL, rarezas TEXT NOT NULL, recibidos INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE renglones (
    lote INTEGER NOT NULL, renglon INTEGER NOT NULL,
    tipo TEXT NOT NULL, nss TEXT NOT NULL, linea TEXT NOT NULL,
    entrada TEXT, codigo TEXT, extemporaneo INTEGER NOT NULL, respuesta INTEGER NOT NULL, clave_idempotencia TEXT,
    PRIMARY KEY (lote, renglon)
) WITHOUT ROWID;
CREATE INDEX renglones_por_nss ON renglones (nss, tipo);
CREATE TABLE respuestas (
    lote INTEGER NOT NULL, numero INTEGER NOT NULL, folio TEXT NOT NULL, disponible_a REAL NOT NULL, repite INTEGER NOT NULL,
    PRIMARY KEY (lote, numero)
) WITHOUT ROWID;
CREATE INDEX movimientos_por_registro ON movimientos (registro_patronal, curp);
""",
)


class StoreError(Exception):
    """The data folder cannot be used, or the disk refused a write; the text says which."""


class Store:
    """Used from one event loop only; `db` is for reading and, inside `change()`, for writing."""

    def __init__(self, folder: Path) -> None:
        self.db = _open(folder)
        self._group: asyncio.Future[None] | None = None

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One request's writes: all of them or none. Raises StoreError when the disk refuses; the whole group is then undone."""
        try:
            self._join_group()
            self.db.execute("SAVEPOINT cambio")
            yield self.db
            self.db.execute("RELEASE cambio")
        except sqlite3.OperationalError as error:
            self._give_up(error)
            raise StoreError(str(error)) from error
        except BaseException:
            self.db.execute("ROLLBACK TO cambio")
            self.db.execute("RELEASE cambio")
            raise

    async def committed(self) -> None:
        """Wait until the change just made is on disk; raises StoreError when it could not be. To be awaited with no pause in between."""
        if self._group is not None:
            await asyncio.shield(self._group)  # a waiter that goes away must not cancel the others' commit

    def close(self) -> None:
        """Commit what is open and let go of the file."""
        self._commit()
        self.db.close()

    def _join_group(self) -> None:
        if self._group is None:
            loop = asyncio.get_running_loop()
            self.db.execute("BEGIN IMMEDIATE")
            self._group = loop.create_future()
            loop.call_soon(self._commit)

    def _commit(self) -> None:
        if self._group is None:
            return
        try:
            self.db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._give_up(error)
        else:
            self._group.set_result(None)
            self._group = None

    def _give_up(self, error: sqlite3.OperationalError) -> None:
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")
        if self._group is not None:
            self._group.set_exception(StoreError(str(error)))
            self._group.exception()  # seen: a group may have had no second member to tell
            self._group = None


def _open(folder: Path) -> sqlite3.Connection:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        db = sqlite3.connect(folder / FILE, timeout=0.2, isolation_level=None)
        _prepare(db)
    except OSError as error:
        raise StoreError(f"No se puede escribir en la carpeta de datos: {error.strerror}.") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"No se puede abrir la base del IMSS de práctica; quizá otra copia la usa: {error}.") from error
    return db


def _prepare(db: sqlite3.Connection) -> None:
    # EXCLUSIVE keeps a second stand-in out of the same folder from the first write on; the system frees it even after a kill.
    for statement in ("PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "BEGIN EXCLUSIVE"):
        db.execute(statement)
    db.execute("COMMIT")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(VERSIONS):
        raise StoreError("La base del IMSS de práctica es de otra versión; use otra carpeta o borre esta.")
    for number, script in enumerate(VERSIONS[version:], start=version + 1):
        db.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
