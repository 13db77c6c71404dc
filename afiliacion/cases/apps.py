from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "afiliacion.cases"
    label = "cases"
    verbose_name = "Expedientes"
