from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "afiliacion.reminders"
    label = "reminders"
    verbose_name = "Avisos"

    def ready(self) -> None:
        # The models it needs are not there before.
        from afiliacion.reminders import merged  # noqa: PLC0415

        merged.register()
