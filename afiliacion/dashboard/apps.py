from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "afiliacion.dashboard"
    label = "dashboard"
    verbose_name = "Oficina"
