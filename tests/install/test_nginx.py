"""docs/install/nginx.conf with Debian's nginx, before the real office."""

from __future__ import annotations

import http.client
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import needs, processes
from tests.install.conftest import INSTALL, PLAIN_STATIC_FILES, Start, free_port, listens, until

NAME = "afiliacion.escuela.example.mx"
pytestmark = pytest.mark.slow


@pytest.fixture
def nginx() -> str:
    needs.tool("openssl", "openssl")
    return needs.tool("nginx", "nginx-light")


def configured(folder: Path, port: int, office: int) -> Path:
    """The file of docs/install/ on a port of ours, in a folder of ours, with a certificate of its own."""
    key, certificate = folder / "privkey.pem", folder / "fullchain.pem"
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run(  # noqa: S603
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate, *subject],  # noqa: S607
        check=True, capture_output=True,
    )  # fmt: skip
    text = (INSTALL / "nginx.conf").read_text()
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("listen 80", f"listen 127.0.0.1:{free_port()}"),
        ("127.0.0.1:8000", f"127.0.0.1:{office}"), ("/etc/ssl/afiliacion", str(folder)),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "site.conf").write_text(text)
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off;\nuser root;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\n{temporary}access_log off;\ninclude {folder}/site.conf;\n}}\n"
    )
    return whole


@pytest.fixture
def site(nginx: str, start: Start, tmp_path: Path) -> Iterator[http.client.HTTPSConnection]:
    """A connection to the office through nginx, over HTTPS."""
    office, port = free_port(), free_port()
    web = start(
        "web", port=office, HTTPS="1", TRUSTED_PROXIES="1", ALLOWED_HOSTS=NAME, OFFICE_URL=f"https://{NAME}",
        DJANGO_SETTINGS_MODULE=PLAIN_STATIC_FILES,
    )  # fmt: skip
    until(lambda: listens(office), web, tmp_path / "web.log")
    configuration = configured(tmp_path, port, office)
    subprocess.run([nginx, "-t", "-q", "-c", configuration], check=True)  # noqa: S603
    proxy = subprocess.Popen([nginx, "-c", configuration], start_new_session=True)  # noqa: S603
    try:
        until(lambda: listens(port), proxy, tmp_path / "error.log")
        trusted = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
        trusted.check_hostname = False
        yield http.client.HTTPSConnection("127.0.0.1", port, context=trusted, timeout=20)
    finally:
        processes.end(proxy)


def test_h5_the_office_behind_the_proxy_of_the_documentation(site: http.client.HTTPSConnection) -> None:
    named = {"Host": NAME}
    site.request("GET", "/entrar/", headers=named)
    page = site.getresponse()
    html = page.read().decode()
    assert page.status == 200
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    assert page.headers["Set-Cookie"].startswith("__Host-csrftoken=")
    token = html.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"csrfmiddlewaretoken={token}&username=begona&password=nada".encode()
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    sent = {**named, "Cookie": cookie, "Referer": f"https://{NAME}/entrar/", "Content-Type": "application/x-www-form-urlencoded"}
    site.request("POST", "/entrar/", form, sent)
    answer = site.getresponse()
    answer.read()
    assert answer.status == 200, "the form is taken: host, scheme and cookie fit together"
    site.request("POST", "/entrar/", b"", {**named, "Content-Length": str(400 * 2**20)})
    assert site.getresponse().status == 413
