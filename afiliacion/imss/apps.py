from django.apps import AppConfig


class ImssConfig(AppConfig):
    name = "afiliacion.imss"
    label = "imss"
    verbose_name = "IMSS"

    def ready(self) -> None:
        # The models it needs are not there before.
        from afiliacion.imss.queue import same_person  # noqa: PLC0415

        same_person.register()
