"""Failures outside the program, as Spanish lines for the terminal."""

import errno


class Problem(Exception):
    """Something the person at the terminal can act on; its text is one Spanish line, shown without a traceback."""


def explain(error: OSError) -> Problem:
    """Turn an operating system's error into a line that says where it happened and what to do."""
    place = error.filename or "el disco"
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return Problem(f"Sin permiso para escribir en {place}. Indique otra carpeta con AFILIACION_DATA.")
        case errno.ENOSPC | errno.EDQUOT:
            return Problem(f"No queda espacio en disco para {place}.")
        case _:
            return Problem(f"{place}: {error.strerror or error}.")
