"""Makes the office's admin site Django's default one."""

from django.contrib.admin.apps import SimpleAdminConfig


class OfficeAdminConfig(SimpleAdminConfig):
    default_site = "afiliacion.dashboard.login.admin_site.OfficeAdminSite"
