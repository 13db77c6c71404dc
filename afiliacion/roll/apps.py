from django.apps import AppConfig


class RollConfig(AppConfig):
    name = "afiliacion.roll"
    label = "roll"
    verbose_name = "Listas de inscritos"
