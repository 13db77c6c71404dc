"""How a text is encoded. Of encodings with one byte a sign, the one in which its words are Spanish; where two could be, none."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from file_reader.order import MEGABYTE, FileRefused

#: What each is called; the last two are what Macs and old programs of DOS write.
NAMES: Final = {
    "utf-16": "UTF-16",
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac OS Roman",
    "cp850": "DOS (página 850)",
}
_ONE_BYTE: Final = ("cp1252", "mac_roman", "cp850")
_SAVE_AS: Final = (
    "ábralo en el programa que lo hizo y guárdelo como .xlsx, o en Excel con «Guardar como», tipo «CSV UTF-8 (delimitado por comas)»"
)
#: A letter written in UTF-8 inside a file that is not UTF-8: two programs wrote it.
_UTF8_LETTER: Final = re.compile(rb"\xc3[\x80-\xbf]")
#: A word with signs beyond ASCII, and the letters around it; a hundred thousand students have some thousand different ones.
_WORD: Final = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_MOST_WORDS: Final = 20_000

_VOWELS: Final = frozenset("aeiouáéíóúü")
_ACCENTED: Final = frozenset("áéíóúü")
#: Letters of other languages that names have.
_FOREIGN: Final = frozenset("àèìòùâêîôûäëïöçãõøåýßł")
#: Signs that stand beside words, and the apostrophe between a letter and a large one (O’Farrill).
_BESIDE: Final = frozenset("ªº°´`·«»“”‘’–—…¿¡\u00a0")
#: Of these, the ones that are small letters elsewhere: before a small letter they are no sign beside a word.
_MAY_BEGIN: Final = frozenset("‘’–—\u00a0")
#: Of a hundred signs, how many must be Spanish letters in one encoding, and at most in the others, for it to be certain.
_CERTAIN, _UNLIKELY = 0.9, 0.6
#: Of how many different words at least, for another encoding than the usual one.
_ENOUGH: Final = 2


def encoding_of(path: Path) -> str:
    """The encoding of a text: by its mark, else UTF-8, else by its words.

    Raises:
        FileRefused: if it is none of NAMES, two of them at once, or could be several.
    """
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            _require(path, "utf-16")
            return "utf-16"
    if _decodes(path, "utf-8-sig"):
        return "utf-8-sig"
    if _mixed(path):
        raise FileRefused(
            f"El archivo mezcla dos codificaciones (UTF-8 y Windows-1252; la línea {_first_not_utf_8(path)} no es UTF-8): los acentos se "
            "dañarían. Corrija esa línea, o guárdelo como .xlsx."
        )
    found = by_words(_words(path))
    _require(path, found)
    return found


def by_words(words: Iterable[bytes]) -> str:
    """The encoding of one byte a sign in which these words are Spanish.

    Raises:
        FileRefused: if it is not certain which one.
    """
    known = list(words)
    found = {encoding: _share(known, encoding) for encoding in _ONE_BYTE}
    shares = {encoding: 1.0 if share is None else share for encoding, share in found.items()}
    best = max(shares, key=lambda encoding: shares[encoding])
    others = {encoding: share for encoding, share in shares.items() if encoding != best}
    if best == "cp1252" and (found[best] is None or max(others.values()) < shares[best]):
        return best
    if len(known) >= _ENOUGH and shares[best] >= _CERTAIN and max(others.values()) <= _UNLIKELY:
        return best
    if _CERTAIN <= shares["cp1252"] < 1:
        return "cp1252"  # a long list, in which some word is no Spanish
    best = next((encoding for encoding, share in others.items() if share == shares[best]), best) if best == "cp1252" else best
    raise FileRefused(
        f"Las letras con acento del archivo no están en UTF-8 ni en Windows-1252; parece {NAMES[best]}, pero no es seguro y se dañarían los"
        f" nombres: {_SAVE_AS}."
    )


def _share(words: Iterable[bytes], encoding: str) -> float | None:
    """Which share of the signs beyond ASCII are Spanish letters where such can stand; 0 if the encoding has no such sign, None if they are
    no letters at all."""
    good = signs = 0.0
    for word in words:
        try:
            text = word.decode(encoding)
        except UnicodeDecodeError:
            return 0.0
        for at, sign in enumerate(text):
            if not sign.isascii():
                worth = _worth(text, at)
                good, signs = good + (worth or 0), signs + (worth is not None)
    return good / signs if signs else None


def _worth(word: str, at: int) -> float | None:
    """How well a sign fits where it stands in a word, from 0 to 1; None if it says nothing."""
    sign, before, after = word[at], word[at - 1 : at], word[at + 1 : at + 2]
    if sign in _BESIDE:
        # With a small letter behind it, it may be the í of a Mac: Díaz.
        inside = any(map(str.isalpha, word[:at])) and any(map(str.isalpha, word[at + 1 :]))
        begins = sign in _MAY_BEGIN and after.islower()
        return 0 if begins or (inside and not (sign in "’‘´`" and at == 1 and after.isupper())) else None
    small = sign.lower()
    if small not in _ACCENTED and small != "ñ":
        return 0.5 if small in _FOREIGN and _in_case(sign, before, after, at) else 0
    if not _in_case(sign, before, after, at):
        return 0
    if small == "ñ":
        return 1 if after.lower() in _VOWELS else 0
    return 0 if before.lower() in _ACCENTED or after.lower() in _ACCENTED else 1


def _in_case(sign: str, before: str, after: str, at: int) -> bool:
    """Whether a letter is large where large letters are, and small where small ones are."""
    if sign.isupper():
        return not before.islower() and not (before.isupper() and after.islower())
    return not after.isupper() and not (before.isupper() and at > 1)


def _words(path: Path) -> set[bytes]:
    """Different words with signs beyond ASCII: those of the beginning, if there are many."""
    found: set[bytes] = set()
    with path.open("rb") as file:
        for line in file:
            found.update(_WORD.findall(line[:MEGABYTE]))
            if len(found) > _MOST_WORDS:
                break
    return found


def _require(path: Path, encoding: str) -> None:
    if not _decodes(path, encoding):
        raise FileRefused("El archivo no es texto que se pueda leer: está dañado. Expórtelo de nuevo como CSV o .xlsx.")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(path):
            if "\x00" in decoder.decode(chunk):
                raise FileRefused("El archivo trae bytes nulos: está dañado o no es texto. Expórtelo de nuevo como CSV o .xlsx.")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _first_not_utf_8(path: Path) -> int:
    """The first line of a text that is not UTF-8."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    for chunk in _chunks(path):
        try:
            line += decoder.decode(chunk).count("\n")
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n")
    return line


def _mixed(path: Path) -> bool:
    last = b""
    for chunk in _chunks(path):
        if _UTF8_LETTER.search(last + chunk):
            return True
        last = chunk[-1:]
    return False


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(MEGABYTE):
            yield chunk
