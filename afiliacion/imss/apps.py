from django.apps import AppConfig


class ImssConfig(AppConfig):
    name = "afiliacion.imss"
    label = "imss"
    verbose_name = "IMSS"
