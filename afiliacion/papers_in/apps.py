from django.apps import AppConfig


class PapersInConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "afiliacion.papers_in"
    verbose_name = "Hojas que se traen"

    def ready(self) -> None:
        # The models they need are not there before.
        from afiliacion.cases.history.erasure import OF_CASES  # noqa: PLC0415
        from afiliacion.papers_in.erasure import forget  # noqa: PLC0415

        OF_CASES.append(forget)
