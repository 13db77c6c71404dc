from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "afiliacion.reminders"
    label = "reminders"
    verbose_name = "Avisos"
