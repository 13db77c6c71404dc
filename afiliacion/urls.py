"""Every address of the product; its rooms bring their own."""

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.urls import include, path

# Here and not when Django starts: only processes that serve pages need the admin, and a worker is a fifth lighter without.
admin.autodiscover()
# Users are kept in Ajustes by the coordination, where every change is recorded, and by the maintainer with manage.py. The admin would let
# its user set the password of any account and log in with it without a record.
admin.site.unregister([User, Group])

urlpatterns = [
    path("", include("afiliacion.dashboard.urls")),
    path("", include("afiliacion.student_page.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "afiliacion.dashboard.frame.errors.bad_request"
handler403 = "afiliacion.dashboard.frame.errors.permission_denied"
handler404 = "afiliacion.dashboard.frame.errors.page_not_found"
handler500 = "afiliacion.dashboard.frame.errors.server_error"
