from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "afiliacion.operations"
    label = "operations"
    verbose_name = "Operación"
