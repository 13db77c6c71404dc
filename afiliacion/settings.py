"""Settings, all from the environment. `./run` fills in the embedded servers; a school's server sets its own values."""

import datetime as dt
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from afiliacion.environment.reading import Environment

# Names, bounds, defaults and meanings: afiliacion/environment/variables.toml.
try:
    env = Environment(os.environ)
except ValueError as wrong:
    raise ImproperlyConfigured(str(wrong)) from None
BASE_DIR = Path(__file__).resolve().parent.parent

# Where the embedded servers, the files kept by hash and the demo's mail live.
DATA_DIR = Path(env.text("AFILIACION_DATA") or BASE_DIR / ".data")

DEMO = env.flag("AFILIACION_DEMO")
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS")
# The demo speaks plain HTTP on the loopback address; a server is reached over HTTPS.
HTTPS = env.flag("HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# How many proxies of ours stand in front: so many entries of X-Forwarded-For, from the right, are believed.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "afiliacion.dashboard.frame.sessions"
# Under HTTPS with the prefix by which a browser takes them from this very host only, never from a neighbour below the same domain.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("__Host-sessionid", "__Host-csrftoken") if HTTPS else ("sessionid", "csrftoken")
SESSION_COOKIE_AGE = 60 * 60 * env.integer("SESSION_HOURS")
SESSION_IDLE_MINUTES = env.integer("SESSION_IDLE_MINUTES")
SESSION_SAVE_EVERY_REQUEST = False

INSTALLED_APPS = [
    "afiliacion.dashboard.login.apps.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "import_export",
    "django_htmx",
    "afiliacion.database",
    "students",
    "afiliacion.cases",
    "afiliacion.insurance",
    "afiliacion.roll",
    "afiliacion.imss",
    "afiliacion.movements",
    "afiliacion.reconciliation",
    "afiliacion.documents",
    "afiliacion.reminders",
    "afiliacion.papers_in",
    "afiliacion.dashboard",
    "afiliacion.student_page",
    "afiliacion.operations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Django masks the CSRF token and pads what it compresses, so that its length tells nothing.
    "afiliacion.dashboard.frame.middleware.Gzip",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "afiliacion.dashboard.frame.middleware.SessionLimits",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "afiliacion.dashboard.frame.middleware.RefuseNul",
    "afiliacion.dashboard.frame.middleware.ContentSecurityPolicy",
    "afiliacion.dashboard.shared.access.OfficeDoor",
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
                "afiliacion.dashboard.frame.context_processors.office",
            ],
        },
    },
]


FORM_RENDERER = "afiliacion.dashboard.shared.form_fields.Renderer"


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


DATABASES = {"default": _database(env.text("DATABASE_URL"))}
# Only for commands that log in as the owner (afiliacion/operations/servers/roles.py): the application's URL, whose role gets its rights.
DATABASE_APP_ROLE = str(conninfo_to_dict(env.text("DATABASE_APP_URL")).get("user", ""))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
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
CELERY_BEAT_SCHEDULER = "afiliacion.broker:BeatScheduler"
CELERY_TIMEZONE = TIME_ZONE = env.text("TIME_ZONE")
NIGHT_HOUR = env.integer("NIGHT_HOUR")
NIGHT_MINUTE = env.integer("NIGHT_MINUTE")
# Not in the folder beat is started from: an ordinary user may not write there.
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # The rows are the truth: a lost wake-up costs a minute, not a case. The night too is found missing by it, not rung for at an hour.
    "sweep": {"task": "afiliacion.operations.tasks.sweep", "schedule": env.number("SWEEP_SECONDS")},
    "rolls": {"task": "afiliacion.roll.tasks.work", "schedule": 20.0},
}

# Where IMSS is asked (the API of imss_mock). Empty: there is no service.
# Whether it is used is the coordination's choice (Ajustes, Trato con el IMSS).
IMSS_URL = env.text("IMSS_URL")
# A rehearsal moves the stand-in's clock to the date of the night. Nothing of the kind exists at the real IMSS.
IMSS_FOLLOWS_DATE = env.flag("IMSS_FOLLOWS_DATE")
IMSS_CONCURRENCY = env.integer("IMSS_CONCURRENCY")
# How long one task asks IMSS before it hands over to the next, so that mails and lists get their turn.
CHASE_SECONDS = env.number("CHASE_SECONDS")
IMSS_TIMEOUT_SECONDS = env.number("IMSS_TIMEOUT_SECONDS")
# A day on which IMSS did not answer for so many hours does not count in due dates.
IMSS_DAY_LOST_HOURS = env.integer("IMSS_DAY_LOST_HOURS")

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT")
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL")
# Reminders: connections to the mail server, tries and their spacing (it doubles). The lease must outlast EMAIL_TIMEOUT many times.
REMINDER_CONNECTIONS = env.integer("REMINDER_CONNECTIONS")
# Letters a minute, all senders together; 0: as many as the server takes.
REMINDER_PER_MINUTE = env.integer("REMINDER_PER_MINUTE")
# Where mail that cannot be delivered comes back to, if not to DEFAULT_FROM_EMAIL (see `hear_bounces`).
REMINDER_BOUNCES_TO = env.text("REMINDER_BOUNCES_TO")
# The mailbox of that address, for `hear_bounces --mailbox`: imaps://user:password@host/FOLDER.
REMINDER_BOUNCES_IMAP = env.text("REMINDER_BOUNCES_IMAP")
REMINDER_ATTEMPTS = env.integer("REMINDER_ATTEMPTS")
REMINDER_LEASE = dt.timedelta(seconds=env.integer("REMINDER_LEASE_SECONDS"))
REMINDER_BACKOFF = dt.timedelta(seconds=env.integer("REMINDER_BACKOFF_SECONDS"))
REMINDER_BACKOFF_MAX = dt.timedelta(hours=6)
# Where the office is reached from a mail, without a slash at the end.
OFFICE_URL = env.text("OFFICE_URL")
# How long the link to a student's page opens it.
STUDENT_LINK_DAYS = env.integer("STUDENT_LINK_DAYS")
# What a student's photo may weigh (phones make them heavy), and how many papers one may bring a day.
STUDENT_PAPER_BYTES = env.integer("STUDENT_PAPER_BYTES")
STUDENT_PAPERS_A_DAY = env.integer("STUDENT_PAPERS_A_DAY")
# What an officer may bring at once: papers of students, or a ZIP of them.
PAPERS_IN_BYTES = env.integer("PAPERS_IN_BYTES")
# The mailbox whose attachments enter as documents of students: imaps://user:password@host/FOLDER; empty: none is read.
PAPERS_IN_IMAP = env.text("PAPERS_IN_IMAP")
# The address of that mailbox, so that nothing is answered to ourselves.
PAPERS_IN_ADDRESS = env.text("PAPERS_IN_ADDRESS")
# What the process that looks into an uploaded PDF may use: address space, and seconds of processor time.
PDF_READER_BYTES = env.integer("PDF_READER_BYTES")
PDF_READER_SECONDS = env.integer("PDF_READER_SECONDS")
# What the process that reads brought documents may use: address space, memory of its own, and seconds of processor time for each document.
PAPER_READER_BYTES = env.integer("PAPER_READER_BYTES")
PAPER_READER_DATA = env.integer("PAPER_READER_DATA")
PAPER_READER_SECONDS = env.integer("PAPER_READER_SECONDS")
# The program that makes words of pictures in which nothing else is read (tesseract); empty: none. What it says is only proposed.
PAPER_OCR = env.text("PAPER_OCR")
# How many documents a ZIP may hold, and how much each may weigh.
PAPERS_IN_A_ZIP = env.integer("PAPERS_IN_A_ZIP")
PAPER_IN_BYTES = env.integer("PAPER_IN_BYTES")
# How long a one-time code is good; and for how many days after an address changed no code sent there is taken as proof.
STUDENT_CODE_MINUTES = env.integer("STUDENT_CODE_MINUTES")
STUDENT_ADDRESS_DAYS = env.integer("STUDENT_ADDRESS_DAYS")

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "afiliacion.dashboard.login.passwords.GuessablePasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["students.staff.StaffBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
CSRF_FAILURE_VIEW = "afiliacion.dashboard.frame.errors.csrf_failure"

# How long a list waits between its preview and its confirmation, and how long the rows and the file of one that is over are kept.
UPLOADS_KEPT_HOURS = env.integer("UPLOADS_KEPT_HOURS")
ROLL_KEPT_DAYS = env.integer("ROLL_KEPT_DAYS")
# The most papers one order may print, and how long its file waits to be taken.
PAPERS_MAX = env.integer("PAPERS_MAX")
PAPERS_KEPT_HOURS = env.integer("PAPERS_KEPT_HOURS")
# How many folios one address may ask about in a minute on the public page.
VERIFY_PER_MINUTE = env.integer("VERIFY_PER_MINUTE")
# Where the demo's mail server files what it receives; the page that shows it exists only in the demo.
DEMO_MAIL_DIR = env.text("DEMO_MAIL_DIR")

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
ROLL_MAX_BYTES = env.integer("ROLL_MAX_BYTES")
ROLL_MAX_UNPACKED_BYTES = env.integer("ROLL_MAX_UNPACKED_BYTES")
ROLL_MAX_ROWS = env.integer("ROLL_MAX_ROWS")
ROLL_MAX_COLUMNS = env.integer("ROLL_MAX_COLUMNS")
# As many letters as a spreadsheet's cell holds.
ROLL_MAX_CELL = env.integer("ROLL_MAX_CELL")
# What the process that reads a file may take: address space, and seconds of processor.
ROLL_READER_BYTES = env.integer("ROLL_READER_BYTES")
ROLL_READER_SECONDS = env.integer("ROLL_READER_SECONDS")
# Connections that load one list at the same time.
ROLL_THREADS = env.integer("ROLL_THREADS")
# The ages without a warning; older or younger students are loaded with one.
ROLL_AGE_FROM = env.integer("ROLL_AGE_FROM")
ROLL_AGE_TO = env.integer("ROLL_AGE_TO")
# Of the students a plantel had the term before, how many percent a list must have to be taken for the whole one.
ROLL_STRANGE_PERCENT = env.integer("ROLL_STRANGE_PERCENT")
ROLL_WHOLE_PERCENT = env.integer("ROLL_WHOLE_PERCENT")
# A ciclo that lasts longer than so many days into the one of a list runs beside it: who is enrolled there is not missed in the list.
ROLL_CICLO_OVERLAP_DAYS = env.integer("ROLL_CICLO_OVERLAP_DAYS")
# Of the covers a list declares, so many are chosen at random to be verified first.
OPENING_SAMPLE = env.integer("OPENING_SAMPLE")
ROLL_DAYS_BEFORE_CICLO = env.integer("ROLL_DAYS_BEFORE_CICLO")
ROLL_LIKELY_DAYS_BEFORE_CICLO = env.integer("ROLL_LIKELY_DAYS_BEFORE_CICLO")
ROLL_DAYS_AFTER_TODAY = env.integer("ROLL_DAYS_AFTER_TODAY")

# An imported "=cmd|…" is data; in an exported sheet it must stay data.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"class": "afiliacion.logs.MaskingFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL")},
}
