from django.apps import AppConfig


class MovementsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "afiliacion.movements"
    verbose_name = "Movimientos en lotes"

    def ready(self) -> None:
        from afiliacion.cases.history.erasure import OF_CASES  # noqa: PLC0415 - models are not loaded before
        from afiliacion.movements.erasure import forget  # noqa: PLC0415 - likewise

        OF_CASES.append(forget)
