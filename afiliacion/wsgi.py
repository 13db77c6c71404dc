import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afiliacion.settings")
application = get_wsgi_application()

from afiliacion import preload  # noqa: E402 - it needs the applications

preload.load()
