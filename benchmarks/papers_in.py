"""What becomes of brought documents, and what reading them costs: `python benchmarks/papers_in.py [DOCUMENTS] [IN_A_ZIP]`.

The documents are of invented people, by kind and form: the stand-in's; the same content printed by Chromium and exported by LibreOffice
(where it is installed); scanned (2 degrees, JPEG at 40, noise), scanned to a PDF, photographed (perspective), and altered after they were
made. Of each kind and form: read whole, clear, doubtful, refused, with a wrong value, and clear though wrong. Then documents a second and
core (processor time of the readers), and whether the office grows over a ZIP of 5,000. What a reader takes of memory at most is held by
tests/papers_in/test_reading.py.
"""

from __future__ import annotations

import io
import os
import resource
import shutil
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "benchmark")
os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afiliacion.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from afiliacion.operations.simulation.invented_people import Person  # noqa: E402
from afiliacion.papers_in.judgment import Certainty, judge  # noqa: E402
from afiliacion.papers_in.reading import read, unpacked  # noqa: E402
from imss_mock.procedures import pdf  # noqa: E402
from imss_mock.procedures.sheet import Facts  # noqa: E402
from tests.browser import launched  # noqa: E402
from tests.paper_reader.made import altered, html, pictures, printed  # noqa: E402
from tests.paper_reader.made.facts import SAYS, TODAY, facts, held, known, people  # noqa: E402

MISTAKEN = ("semanas_cotizadas", "no_derechohabiencia", "curp", "patronal", "alta_patronal", "pagina")
STATES = {"nss": "SIN_NSS", "tarjeta": "SIN_NSS", "vigencia": "ALTA_ENVIADA"}
BY_CODE = ("nss", "tarjeta")
COLUMNS = ("documents", "whole", "clear", "doubtful", "refused", "wrong value", "wrong and clear")
Paper = tuple[str, str, Facts, Person, bytes]


def papers(kinds: Sequence[str], number: int, seed: int) -> Iterator[tuple[str, Facts, Person]]:
    """So many papers of these kinds, each of another person."""
    for at, person in zip(range(number), people(seed), strict=False):
        yield kinds[at % len(kinds)], facts(person, seed * 100_000 + at), person


def by_stand_in(number: int) -> Iterator[Paper]:
    for kind, said, person in papers([*SAYS, *MISTAKEN[:3]], number, 11):
        yield kind, "stand-in", said, person, pdf.render(kind, said)


def by_chromium(number: int) -> Iterator[Paper]:
    chosen = list(papers(html.KINDS, number, 12))
    layouts = [*html.LAYOUTS.values()]
    with launched() as browser:
        bodies = printed.by_chromium(browser, [layouts[at // len(html.KINDS) % 4](kind, said) for at, (kind, said, _) in enumerate(chosen)])
    for (kind, said, person), body in zip(chosen, bodies, strict=True):
        yield kind, "Chromium", said, person, body


def by_libreoffice(number: int) -> Iterator[Paper]:
    chosen = list(papers(html.KINDS, number if shutil.which("soffice") else 0, 13))
    layouts = [html.table, html.lines, html.boxes]
    pages = [layouts[at // len(html.KINDS) % 3](kind, said) for at, (kind, said, _) in enumerate(chosen)]
    bodies = printed.by_libreoffice(pages) if pages else []
    for (kind, said, person), body in zip(chosen, bodies, strict=True):
        yield kind, "LibreOffice", said, person, body


FORMS: dict[str, Callable[[bytes, int], bytes]] = {
    "scan, JPEG 40": pictures.scanned,
    "scan in a PDF": lambda body, seed: pictures.as_pdf(pictures.scanned(body, seed)),
    "photo": pictures.photographed,
}


def by_camera(number: int) -> Iterator[Paper]:
    for at, (kind, said, person) in enumerate(papers(BY_CODE, number, 14)):
        form = [*FORMS][at // len(BY_CODE) % len(FORMS)]
        yield kind, form, said, person, FORMS[form](pdf.render(kind, said), at)


def by_forgers(number: int) -> Iterator[Paper]:
    """Altered papers; the facts they are held against are the true ones."""
    others = people(99)
    for at, (_, said, person) in enumerate(papers(("nss",), number, 15)):
        other = facts(next(others), at)
        theirs = said | {"nss": other["nss"]}
        ways: list[tuple[str, Callable[[], bytes]]] = [
            ("nss", partial(altered.swapped_card, other, said)),
            ("vigencia", partial(altered.written_over, pdf.render("vigencia", said), other["nss"])),
            ("nss", partial(altered.saved_again, pdf.render("nss", theirs))),
            ("vigencia", partial(pdf.render, "vigencia", theirs)),
            ("vigencia", partial(pdf.render, "vigencia", said | {"fecha": "01/08/2026"} if said["fecha"] != "01/08/2026" else other)),
            ("tarjeta", partial(altered.with_letters_over, pdf.render("vigencia", said), at, theirs)),
            ("nss", partial(pdf.render, "nss", other)),
        ]
        kind, body = ways[at % len(ways)]
        yield kind, "altered", said, person, body()


def held_against(everything: Sequence[Paper]) -> dict[tuple[str, str], Counter[str]]:
    """What became of each, by kind and form."""
    table: dict[tuple[str, str], Counter[str]] = {}
    for (kind, form, said, person, _), reading in zip(everything, read([paper[-1] for paper in everything]), strict=True):
        state = STATES.get(kind, "VIGENTE")
        judgment = judge(reading, known(person, state, "" if state == "SIN_NSS" else person.nss), TODAY)
        by_code = form in FORMS
        wrong, missing = held("tarjeta" if by_code else kind, said, reading) if kind in SAYS else ((), ())
        counted = table.setdefault((kind, form), Counter())
        counted.update(("documents", judgment.certainty.value))
        counted["whole"] += not missing and not reading.refused
        counted["wrong value"] += bool(wrong)
        counted["wrong and clear"] += judgment.certainty is Certainty.CLEAR and (bool(wrong) or form == "altered" or kind in MISTAKEN)
        if (wrong or missing) and form != "altered":
            print("  ", kind, form, *(f"{value.field}={value.text!r} ({value.source})" for value in wrong), *missing, reading.refused)
    return table


def shown(table: dict[tuple[str, str], Counter[str]]) -> None:
    print(f"{'kind':20} {'form':14}" + "".join(f"{column:>16}" for column in COLUMNS))
    for (kind, form), counted in sorted(table.items(), key=lambda each: each[0][::-1]):
        print(f"{kind:20} {form:14}" + "".join(f"{counted[column] or '·':>16}" for column in COLUMNS))
    for name, is_altered in (("all but the altered", False), ("altered", True)):
        total = sum((counted for (_, form), counted in table.items() if (form == "altered") is is_altered), Counter[str]())
        print(f"{name:35}" + "".join(f"{total[column]:>16}" for column in COLUMNS))


def speed(bodies: Sequence[bytes]) -> float:
    """Documents a second and core: by the processor time of the processes that read them, their start included."""
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    read(bodies)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return len(bodies) / (ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime)


def memory() -> int:
    """What this process has of memory now, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20


def over_a_zip(number: int) -> None:
    """Read a ZIP to its end, a batch at a time, and say what the office takes meanwhile."""
    distinct = [pdf.render(kind, said) for kind, said, _ in papers([*SAYS], 50, 16)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for at in range(number):
            archive.writestr(f"{at:05d}.pdf", distinct[at % 50])
    begun, batch, taken, done = time.monotonic(), [], [], 0
    for _, body in unpacked(out.getvalue()):
        batch.append(body)
        if len(batch) == 120:
            done += len(read(batch))
            batch = []
            taken.append(memory())
    done += len(read(batch))
    rate = done / (time.monotonic() - begun)
    print(f"a ZIP of {done:,}: {rate:.0f} a second; the office has {taken[0]} MB after 120 documents, {taken[-1]} MB at the end")


def main(number: int, in_a_zip: int) -> None:
    parts = (by_stand_in, 40), (by_chromium, 20), (by_libreoffice, 10), (by_camera, 20), (by_forgers, 10)
    everything = [paper for make, part in parts for paper in make(number * part // 100)]
    shown(held_against(everything))
    texts = [pdf.render(kind, said) for kind, said, _ in papers(("vigencia", "acuse_clinica"), 300, 17)]
    cards = [pictures.scanned(pdf.render("tarjeta", said), at) for at, (_, said, _) in enumerate(papers(("tarjeta",), 150, 18))]
    sheets = [pdf.render("nss", said) for _, said, _ in papers(("nss",), 150, 19)]
    for name, bodies in (("one-page text PDFs", texts), ("pictures with a code", cards), ("sheets of three pages with a code", sheets)):
        print(f"{name}: {speed(bodies):.0f} a second and core")
    over_a_zip(in_a_zip)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    main(*given, *[2_000, 5_000][len(given) :])
