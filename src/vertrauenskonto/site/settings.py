"""Settings: one table of name, default and help, read once from the environment.

Settings say how this installation runs; what changes a score is policy, never a setting.
"""

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from vertrauenskonto.site import static_files
from vertrauenskonto.site.addresses import (
    company_sign_in,
    mail_server,
    postgres_server,
    without_secrets,
)
from vertrauenskonto.site.logs import configuration
from vertrauenskonto.site.secret import secret_key


class Setting(NamedTuple):
    """One environment variable: its name, its default, and what it is for in both languages."""

    name: str
    default: str
    help_de: str
    help_en: str


SETTINGS = (
    Setting(
        "VERTRAUENSKONTO_DATA",
        "vertrauenskonto-data",
        "Ordner für Datenbank, Anhänge und Sicherungen",
        "folder for database, attachments and backups",
    ),
    Setting(
        "VERTRAUENSKONTO_DATABASE",
        "",
        "postgresql://…; leer: SQLite im Datenordner",
        "postgresql://…; empty: SQLite in the data folder",
    ),
    Setting(
        "VERTRAUENSKONTO_TIME_ZONE",
        "Europe/Berlin",
        "Zeitzone der Konten",
        "the accounts' time zone",
    ),
    Setting(
        "VERTRAUENSKONTO_COMPANY",
        "",
        "Name und Anschrift des Verantwortlichen, für Auskünfte und Datenschutz-Unterlagen",
        "name and address of the controller, for access reports and privacy papers",
    ),
    Setting(
        "VERTRAUENSKONTO_PRIVACY_CONTACT",
        "",
        "wohin man sich mit Fragen zum Datenschutz wendet",
        "where to turn with questions on data protection",
    ),
    Setting(
        "VERTRAUENSKONTO_METRICS_TOKEN",
        "",
        "Token für /metrics; leer: nur von diesem Rechner aus",
        "token for /metrics; empty: from this machine only",
    ),
    Setting(
        "VERTRAUENSKONTO_WEBHOOK_NETWORKS",
        "",
        "eigene Netze, in die Webhooks gehen dürfen, zum Beispiel 10.0.0.0/8",
        "own networks that webhooks may go to, e.g. 10.0.0.0/8",
    ),
    Setting(
        "VERTRAUENSKONTO_SOURCE_NETWORKS",
        "",
        "eigene Netze, aus denen Quellen gelesen werden dürfen (SFTP, Postfach, Datenbank)",
        "own networks from which sources may be read (SFTP, mailbox, database)",
    ),
    Setting(
        "VERTRAUENSKONTO_INBOX",
        "",
        "Eingangsordner für Dateien, die von selbst eingelesen werden; leer: inbox im Datenordner",
        "inbox folder for files that are imported by themselves; empty: inbox in the data folder",
    ),
    Setting(
        "VERTRAUENSKONTO_API_CALLS_PER_MINUTE",
        "6000",
        "Aufrufe der Schnittstelle je Token und Minute",
        "calls of the API per token and minute",
    ),
    Setting(
        "VERTRAUENSKONTO_CLOCK_GAP_DAYS",
        "45",
        "nach so vielen Tagen ohne eine Buchung wird erst wieder gebucht, wenn jemand die Uhr "
        "bestätigt hat (doctor --confirm-clock); 0: ohne Rückfrage",
        "after so many days without a booking nothing is booked until somebody has confirmed the "
        "clock (doctor --confirm-clock); 0: without asking",
    ),
    Setting(
        "VERTRAUENSKONTO_BASE_URL",
        "",
        "Adresse im Browser, zum Beispiel https://konto.example; leer: nur auf diesem Rechner",
        "address in the browser, e.g. https://account.example; empty: on this machine only",
    ),
    Setting(
        "VERTRAUENSKONTO_TRUSTED_PROXIES",
        "0",
        "wie viele eigene Proxys davor stehen, deren Kopfzeilen (Adresse, https) zu glauben ist",
        "how many own proxies stand in front, whose headers (address, https) are believed",
    ),
    Setting(
        "VERTRAUENSKONTO_MAIL",
        "",
        "Mailserver: smtp://user:password@host:587 (STARTTLS), smtps://…, smtp+plain://… ohne "
        "Verschlüsselung; leer: es gehen keine Mails hinaus",
        "mail server: smtp://user:password@host:587 (STARTTLS), smtps://…, smtp+plain://… without "
        "encryption; empty: no mail goes out",
    ),
    Setting(
        "VERTRAUENSKONTO_MAIL_FROM",
        "vertrauenskonto@localhost",
        "Absender der Mails",
        "sender of mails",
    ),
    Setting(
        "VERTRAUENSKONTO_OIDC_ISSUER",
        "",
        "Adresse der Firmenanmeldung (OpenID Connect); leer: keine",
        "address of the company sign-in (OpenID Connect); empty: none",
    ),
    Setting(
        "VERTRAUENSKONTO_OIDC_CLIENT_ID",
        "",
        "Kennung dieser Installation bei der Firmenanmeldung",
        "id of this installation at the company sign-in",
    ),
    Setting(
        "VERTRAUENSKONTO_OIDC_CLIENT_SECRET",
        "",
        "Geheimnis dazu, oder file:/pfad/zur/datei",
        "the secret for it, or file:/path/to/file",
    ),
    Setting(
        "VERTRAUENSKONTO_OIDC_NAME",
        "Firmenanmeldung",
        "was auf dem Knopf der Firmenanmeldung steht",
        "what the button of the company sign-in says",
    ),
)

_values = {setting.name: os.environ.get(setting.name, setting.default) for setting in SETTINGS}
# What is in effect, for the page that shows it: no secret stands in it.
IN_EFFECT = {name: without_secrets(name, value) for name, value in _values.items()}


def database_settings(url: str, data: Path) -> dict[str, object]:
    """Return how Django is told of the database at `url`; empty: SQLite in the folder `data`.

    Raises:
        Invalid: the address is none of PostgreSQL, or says what PostgreSQL does not know.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(data / "ledger.sqlite3"),
            # IMMEDIATE: a transaction that reads and then writes must hold the lock from the start,
            # or two of them deadlock and one fails at once instead of waiting.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # secure_delete: what is erased is overwritten with zeros, not only forgotten.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                "PRAGMA secure_delete=ON;",
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        **postgres_server(url),
        # A connection is kept, and looked at before it is used again: the server may have restarted.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATA = Path(_values["VERTRAUENSKONTO_DATA"])
# For commands that open another database than their own.
DATABASE_AT = database_settings
DATABASES = {"default": database_settings(_values["VERTRAUENSKONTO_DATABASE"], DATA)}
CLOCK_GAP_DAYS = int(_values["VERTRAUENSKONTO_CLOCK_GAP_DAYS"])
API_CALLS_PER_MINUTE = int(_values["VERTRAUENSKONTO_API_CALLS_PER_MINUTE"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = _values["VERTRAUENSKONTO_TIME_ZONE"]
COMPANY = _values["VERTRAUENSKONTO_COMPANY"]
PRIVACY_CONTACT = _values["VERTRAUENSKONTO_PRIVACY_CONTACT"]
LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
INSTALLED_APPS = [
    "vertrauenskonto.db",
    "vertrauenskonto.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "ninja",
]
MIDDLEWARE = [
    "vertrauenskonto.site.requests.Around",
    "vertrauenskonto.web.middleware.Headers",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "vertrauenskonto.web.middleware.OwnLanguage",
    "vertrauenskonto.web.middleware.Refusals",
    "vertrauenskonto.web.middleware.SecondFactor",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vertrauenskonto.web.frame.frame",
            ]
        },
    }
]
ROOT_URLCONF = "vertrauenskonto.site.urls"
WSGI_APPLICATION = "vertrauenskonto.site.wsgi.application"
# Static files are few and served by the program itself, from where they are installed.
STATIC_URL = "/static/"
FILE_UPLOAD_HANDLERS = [
    "vertrauenskonto.web.uploads.ExportUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_ADD_HEADERS_FUNCTION = static_files.tag
BASE_URL = _values["VERTRAUENSKONTO_BASE_URL"].rstrip("/")
_base = urlsplit(BASE_URL)
IS_HTTPS = _base.scheme == "https"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *filter(None, [_base.hostname])]
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"] if BASE_URL else []
SECRET_KEY = secret_key(DATA)
CACHES = {
    # In the database, so that all processes count the same wrong passwords.
    "default": {
        "BACKEND": "vertrauenskonto.db.remembering.Remembered",
        "LOCATION": "remembered",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
# A form of ours whose token is of an earlier sign-in loses nothing.
CSRF_FAILURE_VIEW = "vertrauenskonto.web.asking.stale"
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_HTTPS else 0
TRUSTED_PROXIES = int(_values["VERTRAUENSKONTO_TRUSTED_PROXIES"])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

AUTH_USER_MODEL = "vertrauenskonto.Person"
AUTHENTICATION_BACKENDS = ["vertrauenskonto.web.backend.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"

ACCOUNT_ADAPTER = "vertrauenskonto.web.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Whoever invites vouches for the address; a link in a mail proves nothing more.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Vertrauenskonto: "
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/15m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "vertrauenskonto.web.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Vertrauenskonto"
# One step before and after, as RFC 6238 section 5.2 advises: clocks differ, and typing takes time.
MFA_TOTP_TOLERANCE = 1
# Browsers allow passkeys without HTTPS on this machine itself, so the server may too.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
SOCIALACCOUNT_ADAPTER = "vertrauenskonto.web.adapters.CompanySignInAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
OIDC_ISSUER = _values["VERTRAUENSKONTO_OIDC_ISSUER"]
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": company_sign_in(_values)}
}

EMAIL_BACKEND, _mail = mail_server(_values["VERTRAUENSKONTO_MAIL"])
EMAIL_HOST, EMAIL_PORT = _mail["host"], _mail["port"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["user"], _mail["password"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["starttls"], _mail["ssl"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _values["VERTRAUENSKONTO_MAIL_FROM"]
METRICS_TOKEN = _values["VERTRAUENSKONTO_METRICS_TOKEN"]
SOURCE_NETWORKS = _values["VERTRAUENSKONTO_SOURCE_NETWORKS"]
INBOX = _values["VERTRAUENSKONTO_INBOX"]
WEBHOOK_NETWORKS = _values["VERTRAUENSKONTO_WEBHOOK_NETWORKS"]
LOGGING = configuration()
