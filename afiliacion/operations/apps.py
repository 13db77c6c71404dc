from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OperationsConfig(AppConfig):
    name = "afiliacion.operations"
    label = "operations"
    verbose_name = "Operación"

    def ready(self) -> None:
        """Register the check that `migrate` runs first, the rights it gives last, and the Celery app that wake-ups are sent with.

        Not in __init__ of the package: the launcher and the keepers of the servers, which need neither, would wait for Celery.
        """
        from afiliacion import celery  # noqa: F401, PLC0415 - once the apps are there
        from afiliacion.operations import database_rights, deploy_checks, upgrades  # noqa: F401, PLC0415 - likewise

        post_migrate.connect(database_rights.grant_after_migration, sender=self)
