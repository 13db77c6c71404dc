"""The admin of the rows that say when and how IMSS is asked."""

from django.contrib import admin

from afiliacion.imss.models import BajaCause, Cadence, ImssSettings, KnownRefusal

admin.site.register([Cadence, KnownRefusal, BajaCause, ImssSettings])
