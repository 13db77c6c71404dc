"""Every address of the product; its rooms bring their own."""

from django.contrib import admin
from django.urls import include, path

# Here and not when Django starts: only who serves pages needs the admin's, and a worker is a fifth lighter without.
admin.autodiscover()
admin.site.site_header = "Afiliación · Catálogos y usuarios"
admin.site.site_title = "Afiliación"
admin.site.index_title = "Catálogos y usuarios"

urlpatterns = [
    path("", include("afiliacion.dashboard.urls")),
    path("", include("afiliacion.student_page.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "afiliacion.dashboard.errors.bad_request"
handler403 = "afiliacion.dashboard.errors.permission_denied"
handler404 = "afiliacion.dashboard.errors.page_not_found"
handler500 = "afiliacion.dashboard.errors.server_error"
