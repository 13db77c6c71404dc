from django.apps import AppConfig


class InsuranceConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "afiliacion.insurance"
    verbose_name = "Aseguramientos"

    def ready(self) -> None:
        # The models it needs are not there before.
        from afiliacion.insurance import follow  # noqa: PLC0415

        follow.register()
