from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    """The layer every room queries through. First in INSTALLED_APPS: other rooms use its lookup as soon as they are imported."""

    name = "afiliacion.database"
    label = "database"

    def ready(self) -> None:
        from afiliacion.database import lookups  # noqa: PLC0415 - it needs Django's models, which are ready only now

        lookups.register()
