"""Mails as Gmail, Outlook and an iPhone write them: order of parts, headers, inline pictures, signatures."""

from __future__ import annotations

import base64
import itertools

#: A signature's logo as Outlook puts it in: small, inline, named by the text.
LOGO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
_ONES = itertools.count(1)


def gmail(sender: str, *files: tuple[str, str, bytes], more: str = "") -> bytes:
    """multipart/mixed of an alternative and attachments with X-Attachment-Id; `files`: name, type, body."""
    n = next(_ONES)
    parts = "".join(_attached(name, kind, body, "attachment", extra=f"X-Attachment-Id: f_{n}\r\nContent-ID: <f_{n}>\r\n")
                    for name, kind, body in files)  # fmt: skip
    return (
        f"MIME-Version: 1.0\r\nDate: Mon, 30 Nov 2026 10:00:00 -0600\r\nMessage-ID: <CAF{n}@mail.gmail.com>\r\n"
        "Subject: =?UTF-8?Q?Mi_hoja?=\r\n"
        f"{more}From: =?UTF-8?Q?Ana_=C3=91?= <{sender}>\r\nTo: hojas@escuela.example.mx\r\n"
        'Content-Type: multipart/mixed; boundary="000000000000a1"\r\n\r\n--000000000000a1\r\n'
        'Content-Type: multipart/alternative; boundary="000000000000a2"\r\n\r\n--000000000000a2\r\n'
        'Content-Type: text/plain; charset="UTF-8"\r\n\r\nBuenas tardes, aqu\xed va.\r\n\r\n--000000000000a2\r\n'
        'Content-Type: text/html; charset="UTF-8"\r\n\r\n<div dir="ltr">Buenas tardes</div>\r\n\r\n--000000000000a2--\r\n'
        f"{parts}--000000000000a1--\r\n"
    ).encode("latin-1")


def outlook(sender: str, *files: tuple[str, str, bytes], more: str = "") -> bytes:
    """multipart/mixed around related (the text with its logo), encoded names, attachments after it."""
    n = next(_ONES)
    named = f"Content-ID: <image001.png@01DC{n}>\r\n"
    logo = _attached("image001.png", "image/png", LOGO, "inline", boundary="_004_b2", extra=named)
    parts = "".join(_attached(name, kind, body, "attachment", boundary="_005_b1") for name, kind, body in files)
    return (
        f"From: ANA UC <{sender}>\r\nTo: <hojas@escuela.example.mx>\r\nSubject: Hoja IMSS\r\nThread-Topic: Hoja IMSS\r\n"
        f"Date: Mon, 30 Nov 2026 16:00:00 +0000\r\nMessage-ID: <DM{n}@namprd04.prod.outlook.com>\r\n{more}X-MS-Has-Attach: yes\r\n"
        'Content-Type: multipart/mixed; boundary="_005_b1"\r\nMIME-Version: 1.0\r\n\r\n--_005_b1\r\n'
        'Content-Type: multipart/related; boundary="_004_b2"; type="text/html"\r\n\r\n--_004_b2\r\n'
        'Content-Type: text/html; charset="iso-8859-1"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        f'<p>Adjunto mi hoja</p><img src=3D"cid:image001.png@01DC{n}">\r\n\r\n{logo}--_004_b2--\r\n\r\n{parts}--_005_b1--\r\n'
    ).encode("latin-1")


def iphone(sender: str, *files: tuple[str, str, bytes], more: str = "") -> bytes:
    """Apple Mail of a phone: photos inline between two texts, no Content-ID, «Enviado desde mi iPhone»."""
    n = next(_ONES)
    parts = "".join(_attached(name, kind, body, "inline", boundary="Apple-Mail-1") for name, kind, body in files)
    return (
        f"Content-Type: multipart/mixed; boundary=Apple-Mail-1\r\nContent-Transfer-Encoding: 7bit\r\nFrom: Ana <{sender}>\r\n"
        f"Mime-Version: 1.0 (1.0)\r\nDate: Mon, 30 Nov 2026 10:00:00 -0600\r\nSubject: Hoja\r\nMessage-Id: <{n}@icloud.com>\r\n{more}"
        "To: hojas@escuela.example.mx\r\nX-Mailer: iPhone Mail (22A3354)\r\n\r\n\r\n--Apple-Mail-1\r\n"
        f"Content-Type: text/plain; charset=us-ascii\r\n\r\n\r\n{parts}--Apple-Mail-1\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n\r\n\r\nEnviado desde mi iPhone\r\n--Apple-Mail-1--\r\n"
    ).encode("latin-1")


def _attached(name: str, kind: str, body: bytes, where: str, *, boundary: str = "000000000000a1", extra: str = "") -> str:
    text = base64.encodebytes(body).decode().replace("\n", "\r\n")
    return (
        f'--{boundary}\r\nContent-Type: {kind}; name="{name}"\r\nContent-Disposition: {where}; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n{extra}\r\n{text}"
    )


SHAPES = {"gmail": gmail, "outlook": outlook, "iphone": iphone}
