"""Each trámite as a person walks it in a real Chromium, on a phone or at a desk, with its letters over real SMTP."""

import io
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from imss_mock.people.identifiers import is_nss
from imss_mock.state.scenario import DEFAULT
from paper_reader.document import read
from paper_reader.reading import Field
from tests.browser import DESK, PHONE, whole
from tests.imss_mock.harness import StandIn, new_curp
from tests.mailsink import MailSink

pytestmark = pytest.mark.browser
LINK = re.compile(r"http://\S+")


class Mailbox(MailSink):
    """A sink whose letters can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: SimpleQueue[EmailMessage] = SimpleQueue()

    async def handle_DATA(self, *session: Any) -> str:  # noqa: N802 - aiosmtpd's name
        said = await super().handle_DATA(*session)
        self.arrived.put(self.messages[-1])
        return said

    def next(self, to: str, subject: str) -> EmailMessage:
        """The next letter, which is this one."""
        letter = self.arrived.get(timeout=20)
        assert (letter["X-RcptTo"], subject in str(letter["Subject"])) == (to, True), letter["Subject"]
        return letter


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    box.start()
    yield box
    box.stop()


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[StandIn]:
    stand_in = StandIn(tmp_path_factory.mktemp("imss"), "--smtp", f"127.0.0.1:{mailbox.port}")
    yield stand_in
    assert stand_in.stop() == (0, "")


@pytest.fixture
def visit(chromium: Browser, stand_in: StandIn) -> Iterator[Callable[..., Page]]:
    contexts = []

    def visit(path: str = "/", size: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(viewport=size, locale="es-MX")  # type: ignore[arg-type]  # a literal
        contexts.append(context)
        page = context.new_page()
        page.goto(address(stand_in) + path)
        return page

    yield visit
    for context in contexts:
        context.close()


def address(stand_in: StandIn) -> str:
    return f"http://127.0.0.1:{stand_in.connection.port}"


def person(stand_in: StandIn, persona: str, **known: str) -> str:
    curp = new_curp()
    stand_in.tell(curp=curp, nombre="ITZEL", primer_apellido="ÑÚÑEZ", segundo_apellido="UC", persona=persona, **known)
    return curp


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"#{name}", value)


def solve(page: Page) -> None:
    """The sum that stands in for the picture."""
    first, second = re.findall(r"\d+", page.locator("#captcha-ayuda").inner_text())
    page.fill("#captcha", str(int(first) + int(second)))


def begin(page: Page, mailbox: Mailbox, tramite: str, correo: str, **fields: str) -> None:
    """The form, its letter, its link, up to what comes after the confirmation."""
    page.goto(f"{page.url.split('/', 3)[0]}//{page.url.split('/')[2]}/tramites/{tramite}")
    fill(page, **fields, correo=correo, correo_otra_vez=correo)
    solve(page)
    page.click("text=Continuar")
    expect(page.get_by_role("status")).to_contain_text(correo)
    found = LINK.search(mailbox.next(correo, "Confirma tu trámite").get_content())
    assert found
    page.goto(found.group())
    page.click("text=Continuar con el trámite")


def give_address(page: Page, codigo_postal: str) -> None:
    page.fill("#codigo_postal", codigo_postal)
    page.click("text=Buscar")
    fill(page, calle="Calle Ñandú", numero_exterior="12 B")
    page.click("main form >> text=Continuar")


def attached(letter: EmailMessage) -> list[bytes]:
    return [part.get_payload(decode=True) for part in letter.iter_attachments()]  # type: ignore[misc]  # bytes, of a PDF


def said_by(pdf: bytes) -> dict[Field, str]:
    return {value.field: value.text for value in reversed(read(pdf).values)}


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as opened:
        return str(opened[0].get_textpage().get_text_range())


def test_somebody_new_gets_a_number_on_a_phone(visit: Callable[..., Page], stand_in: StandIn, mailbox: Mailbox) -> None:
    curp, correo = person(stand_in, "nuevo"), "itzel.nueva@example.mx"
    page = visit("/tramites/nss", size=PHONE)
    whole(page)
    fill(page, curp=curp[:-1], correo=correo, correo_otra_vez="otra@example.mx", captcha="zzzzz")
    page.click("text=Continuar")
    assert [page.locator(f"#{name}-falla").count() for name in ("curp", "correo_otra_vez", "captcha")] == [1, 1, 1]
    whole(page)

    begin(page, mailbox, "nss", correo, curp=curp)
    expect(page.locator("main")).to_contain_text("No se encontró un número asociado a tu CURP")
    page.fill("#codigo_postal", "00000")
    page.click("text=Buscar")
    expect(page.get_by_role("alert")).to_contain_text("código postal")
    give_address(page, "40200")
    expect(page.locator("main")).to_contain_text("12 GUERRERO")
    page.click("text=Regresar")
    expect(page.locator("#calle")).to_have_value("Calle Ñandú")
    whole(page)
    page.click("main form >> text=Continuar")
    page.click("text=Concluir")
    expect(page.get_by_role("status")).to_contain_text("Asignación de NSS exitosa")
    whole(page)

    nss = page.locator(".numero").inner_text()
    assert is_nss(nss)
    assert stand_in.nss(curp)[1]["nss"] == nss
    sheet, card = attached(mailbox.next(correo, "Número de Seguridad Social"))
    assert nss in text_of(sheet)
    assert nss in text_of(card)
    with page.expect_download() as download:
        page.click("text=Descargar >> nth=0")
    assert Path(download.value.path()).read_bytes() == sheet
    shown = page.locator("text=Imprimir >> nth=0").get_attribute("href")
    printed = page.context.request.get(address(stand_in) + str(shown))
    assert (printed.headers["content-type"], printed.body()) == ("application/pdf", sheet)
    page.click("text=Enviar por correo >> nth=1")
    whole(page)
    assert attached(mailbox.next(correo, "Tarjeta")) == [card]
    page.click("text=Regresar al trámite")
    page.click("button:has-text('Finalizar trámite')")
    page.wait_for_url(address(stand_in) + "/")
    assert page.context.request.get(address(stand_in) + str(shown)).status == 403


def test_somebody_found_is_told_at_once_and_the_outbox_shows_the_letters(
    visit: Callable[..., Page], stand_in: StandIn, mailbox: Mailbox
) -> None:
    curp = person(stand_in, "localizado")
    page = visit()
    whole(page)
    begin(page, mailbox, "nss", "hallada@example.mx", curp=curp)
    expect(page.get_by_role("status")).to_contain_text("Tu NSS es")
    assert page.locator(".pasos li").count() == 2
    assert "Localización de Número de Seguridad Social" in text_of(
        attached(mailbox.next("hallada@example.mx", "Número de Seguridad Social"))[0]
    )
    page.click("text=Correos")
    whole(page)
    page.click("tbody a >> nth=1")
    whole(page)
    expect(page.locator("text=Abrir la liga")).to_have_attribute("href", LINK)
    page.click("text=Abrir la liga")
    whole(page)


def test_the_vigencia_and_then_the_clinic_of_somebody_insured(visit: Callable[..., Page], stand_in: StandIn, mailbox: Mailbox) -> None:
    correo, curp = "asegurada@example.mx", person(stand_in, "cubierto_por_trabajo")
    nss = stand_in.nss(curp, correo)[1]["nss"]
    page = visit(size=PHONE)
    begin(page, mailbox, "vigencia", correo, curp=curp, nss=nss)
    expect(page.locator(".numero")).to_have_text("SI")
    whole(page)
    said = said_by(attached(mailbox.next(correo, "Constancia de vigencia"))[0])
    assert (said[Field.RIGHT], said[Field.FULL_NAME]) == ("SI", "ITZEL ÑÚÑEZ UC")

    begin(page, mailbox, "alta-clinica", correo, curp=curp, nss=nss)
    give_address(page, "44100")
    whole(page)
    page.check("input[type=radio] >> nth=1")
    chosen = page.locator("input[type=radio] >> nth=1").input_value()
    page.dblclick("text=Concluir")
    expect(page.get_by_role("status")).to_contain_text(f"UMF {chosen}")
    whole(page)
    acuse, carnet = attached(mailbox.next(correo, "Acuse de registro"))
    assert said_by(acuse)[Field.UMF] == chosen
    assert "Calle Ñandú" in text_of(carnet)
    assert stand_in.vigencia(curp, nss)[1]["umf"] == chosen

    page.goto(address(stand_in) + "/tramites/alta-clinica")
    fill(page, curp=curp, nss=nss, correo=correo, correo_otra_vez=correo)
    solve(page)
    page.click("text=Continuar")
    expect(page.get_by_role("alert")).to_contain_text("Usa el cambio de clínica")
    begin(page, mailbox, "cambio-clinica", correo, curp=curp, nss=nss)
    give_address(page, "40200")
    page.click("text=Concluir")
    expect(page.get_by_role("status")).to_contain_text("Trámite finalizado")
    assert "CAMBIO DE CLÍNICA" in text_of(attached(mailbox.next(correo, "Acuse de registro"))[0])
    assert stand_in.vigencia(curp, nss)[1]["delegacion"] == "12 GUERRERO"


def test_inconsistent_data_goes_to_the_desk_which_resolves_after_days(
    visit: Callable[..., Page], stand_in: StandIn, mailbox: Mailbox
) -> None:
    curp = person(stand_in, "inconsistente")
    page = visit()
    begin(page, mailbox, "nss", "inconsistente@example.mx", curp=curp)
    expect(page.get_by_role("alert")).to_contain_text("datos inconsistentes")
    expect(page.locator("main")).to_contain_text("Acta de nacimiento")
    whole(page)
    page.click("main >> text=la ventanilla")
    fill(page, curp=curp)
    page.check("#documento_0")
    page.click("text=Presentar en ventanilla")
    expect(page.get_by_role("alert")).to_contain_text("Identificación oficial vigente")
    whole(page)
    for place in (1, 2, 3):
        page.check(f"#documento_{place}")
    page.click("text=Presentar en ventanilla")
    expect(page.get_by_role("alert")).to_contain_text("Se resuelve el")
    stand_in.days_later(16)
    page.click("text=Presentar en ventanilla")
    nss = page.locator(".numero").inner_text()
    assert nss == stand_in.nss(curp)[1]["nss"]
    whole(page)


def test_an_automation_may_be_spared_the_captcha(tmp_path: Path) -> None:
    scenario = tmp_path / "sin.toml"
    scenario.write_text(DEFAULT.read_text(encoding="utf-8").replace("captcha = true", "captcha = false"), encoding="utf-8")
    stand_in = StandIn(tmp_path / "datos", "--scenario", str(scenario))
    form = f"curp={new_curp()}&correo=a%40example.mx&correo_otra_vez=A%40example.mx".encode()
    with stand_in.send("POST", "/tramites/nss", form, "application/x-www-form-urlencoded") as response:
        assert (response.status, "liga de confirmación" in response.read().decode()) == (200, True)
    stand_in.stop()
