"""Guessing, taking over and losing accounts: what an anonymous visitor and an administrator try (docs/security/threats.md)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone

from afiliacion.dashboard.login import throttle
from afiliacion.dashboard.login.views import Entrance
from afiliacion.dashboard.models import LoginTally, SettingChange
from tests.dashboard.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("officer")]


def attempt(browser: Client, name: str, password: str = "no es", address: str = "10.0.0.1") -> int:  # noqa: S107
    return browser.post("/entrar/", {"username": name, "password": password}, REMOTE_ADDR=address).status_code


def all_views() -> list[Any]:
    """Every view of the product and of the admin."""
    found, waiting = [], [get_resolver()]
    while waiting:
        for pattern in waiting.pop().url_patterns:
            if isinstance(pattern, URLPattern):
                found.append(pattern.callback)
            else:
                waiting.append(pattern)
    return found


def test_h1_there_is_one_login_and_it_is_throttled() -> None:
    classes = [view.view_class for view in all_views() if hasattr(view, "view_class")]
    assert [view for view in classes if issubclass(view, LoginView)] == [Entrance]
    browser = Client()
    for path in ("/admin/", "/admin/login/", "/admin/students/student/"):
        answer = browser.get(path, follow=True)
        assert answer.redirect_chain[-1][0].startswith("/entrar/"), path
    user = get_user_model().objects.create_superuser("sistemas", password=PASSWORD)
    answers = [browser.post("/admin/login/", {"username": user.username, "password": PASSWORD}, REMOTE_ADDR="10.0.0.1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert "_auth_user_id" not in browser.session


def test_h4_a_coordinator_resets_a_password_and_it_is_recorded(officer: Any, coordinator: Any, plantel: Any) -> None:
    browser = Client()
    browser.force_login(coordinator)
    said = {
        "username": officer.username,
        "first_name": "Begoña",
        "last_name": "Ñáñez",
        "email": "",
        "is_active": "on",
        "planteles": [plantel.pk],
    }
    answer = browser.post(reverse("person", args=[officer.pk]), {**said, "password": "cuatro pájaros azules volando"})
    assert answer.status_code == 302
    officer.refresh_from_db()
    assert officer.check_password("cuatro pájaros azules volando")
    change = SettingChange.objects.get()
    assert (change.after, change.before, change.user) == ({"contraseña": "se puso otra"}, {}, coordinator)
    assert "pájaros" not in str(change.__dict__)


@pytest.mark.parametrize("spelling", ["oficial", "ＯＦＩＣＩＡＬ", "ｏficial", "OFICIAL", " oficial "])
def test_m1_every_spelling_of_a_name_is_counted_as_one_account(settings: Any, spelling: str) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fifty tries: a fast one
    for n in range(throttle.FREE_ACCOUNT):
        LoginTally.objects.all().update(wait_until=timezone.now())
        assert attempt(Client(), "oficial", address=f"10.1.0.{n}") == 200
    assert attempt(Client(), spelling, address="10.2.0.1") == 429


def test_m2_strangers_behind_our_proxy_lock_nobody_out(settings: Any) -> None:
    settings.TRUSTED_PROXIES, settings.PASSWORD_HASHERS = 1, ["django.contrib.auth.hashers.MD5PasswordHasher"]
    officer = get_user_model().objects.get(username="oficial")
    officer.set_password(PASSWORD)
    officer.save()

    def through_the_proxy(name: str, password: str, client: str) -> int:
        said = {"username": name, "password": password}
        # What the client itself wrote stands to the left of what our proxy adds.
        return Client().post("/entrar/", said, REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": f"1.2.3.4, {client}"}).status_code

    for n in range(throttle.FREE_ADDRESS):
        LoginTally.objects.all().update(wait_until=timezone.now())
        through_the_proxy(f"nadie{n}", "no es", "203.0.113.5")
    assert through_the_proxy("nadie", "no es", "203.0.113.5") == 429
    assert through_the_proxy("oficial", PASSWORD, "198.51.100.7") == 302


def test_m7_the_admin_sets_no_password_and_gives_no_account(admin_client: Client, officer: Any) -> None:
    for path in ("/admin/auth/user/", f"/admin/auth/user/{officer.pk}/password/", "/admin/auth/user/add/", "/admin/auth/group/"):
        assert admin_client.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "guessable",
    [
        "1234567890123456", "111111111111111111", "aaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "qwertyuiopasdfghjkl",
        "PreparatoriaPreparatoria1", "abcdefghijklmnopqrs", "contraseña12345678", "afiliacionimss2026!", "Iguala Iguala Iguala",
    ],
)  # fmt: skip
def test_l_a_long_password_that_is_guessed_at_once_is_refused(plantel: Any, guessable: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(guessable)
    assert any("frase" in reason or "común" in reason for reason in refused.value.messages)


@pytest.mark.parametrize("good", ["cuatro pájaros azules volando", PASSWORD, "Tres-tristes-tigres-9", "k9#vLq2!mZx7Rw4t"])
def test_l_a_phrase_is_taken(plantel: Any, good: str) -> None:
    validate_password(good)


def test_l_a_nul_is_a_bad_request_everywhere(officer: Any) -> None:
    browser = Client()
    browser.force_login(officer)
    tries = [
        browser.post("/ventanilla/buscar/", {"texto": "Ana\0"}), browser.get("/expedientes/", {"q": "a\0"}),
        browser.get("/v/", {"folio": "\0"}),
        browser.post("/entrar/", {"username": "\0", "password": "x"}), browser.post("/entrar/", {"a\0": "x"}),
    ]  # fmt: skip
    assert [answer.status_code for answer in tries] == [400] * len(tries)
