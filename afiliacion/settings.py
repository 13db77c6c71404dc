"""Settings, all from the environment. `./run` fills in the embedded servers; a school's server sets its own values."""

import datetime as dt
from pathlib import Path

from environs import Env
from psycopg.conninfo import conninfo_to_dict

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# Where the embedded servers, the files kept by hash and the demo's mail live.
DATA_DIR = Path(env.str("AFILIACION_DATA", str(BASE_DIR / ".data")))

DEMO = env.bool("AFILIACION_DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The demo speaks plain HTTP on the loopback address; a server is reached over HTTPS.
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "afiliacion.dashboard.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_SAVE_EVERY_REQUEST = False

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "import_export",
    "django_htmx",
    "students",
    "afiliacion.cases",
    "afiliacion.roll",
    "afiliacion.imss",
    "afiliacion.documents",
    "afiliacion.reminders",
    "afiliacion.dashboard",
    "afiliacion.student_page",
    "afiliacion.operations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Django masks the CSRF token and pads what it compresses, so that its length tells nothing.
    "afiliacion.dashboard.middleware.Gzip",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "afiliacion.dashboard.middleware.ContentSecurityPolicy",
    "afiliacion.dashboard.access.OfficeDoor",
]

ROOT_URLCONF = "afiliacion.urls"
WSGI_APPLICATION = "afiliacion.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "afiliacion.dashboard.context.office",
            ],
        },
    },
]


FORM_RENDERER = "afiliacion.dashboard.fields.Renderer"


def _database(url: str) -> dict[str, object]:
    """A libpq URL (`postgresql://user@/name?host=/socket/dir`) as Django's DATABASES entry."""
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "afiliacion"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **parts},
    }


DATABASES = {"default": _database(env.str("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A message only says "look", so once taken it is done with: the next sweep looks anyway. Kept until acknowledged, as kombu would have it,
# one in a worker's hands when the broker stops brings the worker down for good.
CELERY_BROKER_TRANSPORT_OPTIONS = {"ack_emulation": False, "socket_connect_timeout": 1, "socket_timeout": 5}
CELERY_TIMEZONE = TIME_ZONE = env.str("TIME_ZONE", "America/Mexico_City")
NIGHT_HOUR = env.int("NIGHT_HOUR", 2)
NIGHT_MINUTE = env.int("NIGHT_MINUTE", 30)
CELERY_BEAT_SCHEDULE = {
    # The rows are the truth: a lost wake-up costs a minute, not a case. The night too is found missing by it, not rung for at an hour.
    "sweep": {"task": "afiliacion.operations.tasks.sweep", "schedule": env.float("SWEEP_SECONDS", 60.0)},
    "rolls": {"task": "afiliacion.roll.tasks.work", "schedule": 20.0},
}

# Where IMSS is asked (the API of imss_mock). Empty: there is no service.
# Whether it is used is the coordination's choice (Ajustes, Trato con el IMSS).
IMSS_URL = env.str("IMSS_URL", "")
# A rehearsal moves the stand-in's clock to the date of the night. Nothing of the kind exists at the real IMSS.
IMSS_FOLLOWS_DATE = env.bool("IMSS_FOLLOWS_DATE", default=False)
IMSS_CONCURRENCY = env.int("IMSS_CONCURRENCY", 20)
IMSS_TIMEOUT_SECONDS = env.float("IMSS_TIMEOUT_SECONDS", 20.0)
# A day on which IMSS did not answer for so many hours does not count against anybody.
IMSS_DAY_LOST_HOURS = env.int("IMSS_DAY_LOST_HOURS", 6)

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "afiliacion@escuela.example.mx")
# Reminders: connections to the mail server, tries and their spacing (it doubles). The lease must outlast EMAIL_TIMEOUT many times.
REMINDER_CONNECTIONS = env.int("REMINDER_CONNECTIONS", 4)
# Letters a minute, all senders together; 0: as many as the server takes.
REMINDER_PER_MINUTE = env.int("REMINDER_PER_MINUTE", 0)
# Where mail that cannot be delivered comes back to, if not to DEFAULT_FROM_EMAIL (see `hear_bounces`).
REMINDER_BOUNCES_TO = env.str("REMINDER_BOUNCES_TO", "")
# The mailbox of that address, for `hear_bounces --mailbox`: imaps://user:password@host/FOLDER.
REMINDER_BOUNCES_IMAP = env.str("REMINDER_BOUNCES_IMAP", "")
REMINDER_ATTEMPTS = env.int("REMINDER_ATTEMPTS", 6)
REMINDER_LEASE = dt.timedelta(seconds=env.int("REMINDER_LEASE_SECONDS", 300))
REMINDER_BACKOFF = dt.timedelta(seconds=env.int("REMINDER_BACKOFF_SECONDS", 120))
REMINDER_BACKOFF_MAX = dt.timedelta(hours=6)
# Where the office is reached from a mail, without a slash at the end.
OFFICE_URL = env.str("OFFICE_URL", "http://localhost:8000")
# How long the link to a student's page opens it.
STUDENT_LINK_DAYS = env.int("STUDENT_LINK_DAYS", 120)
# What a student's photo may weigh (phones make them heavy), and how many papers one may bring a day.
STUDENT_PAPER_BYTES = env.int("STUDENT_PAPER_BYTES", 12 * 2**20)
STUDENT_PAPERS_A_DAY = env.int("STUDENT_PAPERS_A_DAY", 10)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AUTHENTICATION_BACKENDS = ["students.staff.StaffBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
CSRF_FAILURE_VIEW = "afiliacion.dashboard.errors.csrf_failure"

# How long a list waits between its preview and its confirmation, and how long the rows and the file of one that is over are kept.
UPLOADS_KEPT_HOURS = env.int("UPLOADS_KEPT_HOURS", 24)
ROLL_KEPT_DAYS = env.int("ROLL_KEPT_DAYS", 30)
# The most papers one order may print, and how long its file waits to be taken.
PAPERS_MAX = env.int("PAPERS_MAX", 20_000)
PAPERS_KEPT_HOURS = env.int("PAPERS_KEPT_HOURS", 72)
# How many folios one address may ask about in a minute on the public page.
VERIFY_PER_MINUTE = env.int("VERIFY_PER_MINUTE", 30)
# Where the demo's mail server files what it receives; the page that shows it exists only in the demo.
DEMO_MAIL_DIR = env.str("DEMO_MAIL_DIR", "")

LANGUAGE_CODE = "es-mx"
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "files"

# What a list of students may weigh, and how far from its ciclo an enrolment date may lie (beyond: a typing error).
ROLL_MAX_BYTES = env.int("ROLL_MAX_BYTES", 64 * 2**20)
ROLL_MAX_UNPACKED_BYTES = env.int("ROLL_MAX_UNPACKED_BYTES", 512 * 2**20)
ROLL_MAX_ROWS = env.int("ROLL_MAX_ROWS", 500_000)
ROLL_MAX_COLUMNS = env.int("ROLL_MAX_COLUMNS", 250)
# As many letters as a spreadsheet's cell holds.
ROLL_MAX_CELL = env.int("ROLL_MAX_CELL", 32_767)
# What the process that reads a file may take: address space, and seconds of processor.
ROLL_READER_BYTES = env.int("ROLL_READER_BYTES", 256 * 2**20)
ROLL_READER_SECONDS = env.int("ROLL_READER_SECONDS", 60)
# Connections that load one list at the same time.
ROLL_THREADS = env.int("ROLL_THREADS", 2)
# The ages between which nobody need look twice; anybody older or younger is taken and told.
ROLL_AGE_FROM = env.int("ROLL_AGE_FROM", 14)
ROLL_AGE_TO = env.int("ROLL_AGE_TO", 90)
# Of the students a plantel had the term before, how many percent a list must have to be taken for the whole one.
ROLL_WHOLE_PERCENT = env.int("ROLL_WHOLE_PERCENT", 70)
ROLL_DAYS_BEFORE_CICLO = env.int("ROLL_DAYS_BEFORE_CICLO", 365)
ROLL_DAYS_AFTER_TODAY = env.int("ROLL_DAYS_AFTER_TODAY", 365)

# An imported "=cmd|…" is data; in an exported sheet it must stay data.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"class": "afiliacion.logs.Discreet", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
}
