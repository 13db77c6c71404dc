"""The rows that say when and how IMSS is asked, for whoever is in charge of them."""

from django.contrib import admin

from afiliacion.imss.models import BajaCause, Cadence, KnownRefusal, Manners

admin.site.register([Cadence, KnownRefusal, BajaCause, Manners])
