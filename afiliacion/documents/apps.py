from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "afiliacion.documents"
    label = "documents"
    verbose_name = "Documentos"
