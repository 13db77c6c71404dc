from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class DashboardConfig(AppConfig):
    name = "afiliacion.dashboard"
    label = "dashboard"
    verbose_name = "Oficina"

    def ready(self) -> None:
        """Have each session note when it began."""
        from afiliacion.dashboard.frame import sessions  # noqa: PLC0415 - once the apps are there

        user_logged_in.connect(sessions.begin)
