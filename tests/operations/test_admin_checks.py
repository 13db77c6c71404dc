"""The admin is loaded with the addresses, not with Django; its own checks must not miss it for that."""

from importlib import import_module

from django.conf import settings
from django.contrib import admin
from django.core.checks import Tags, run_checks

from students.models import Plantel


def test_the_catalogues_are_registered_and_pass_djangos_checks():
    import_module(settings.ROOT_URLCONF)
    assert admin.site.is_registered(Plantel)
    assert run_checks(tags=[Tags.admin]) == []
