from django.apps import AppConfig


class MovementsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "afiliacion.movements"
    verbose_name = "Movimientos en lotes"
