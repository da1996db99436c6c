"""Settings: one table of name, default and help, read once from the environment.

Settings say how this installation runs; what changes a score is policy, never a setting.
"""

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit


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
)

_values = {setting.name: os.environ.get(setting.name, setting.default) for setting in SETTINGS}


def _database(url: str, data: Path) -> dict[str, object]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(data / "ledger.sqlite3"),
            # IMMEDIATE: a transaction that reads and then writes must hold the lock from the start,
            # or two of them deadlock and one fails at once instead of waiting.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
    }


DATA = Path(_values["VERTRAUENSKONTO_DATA"])
DATABASES = {"default": _database(_values["VERTRAUENSKONTO_DATABASE"], DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = _values["VERTRAUENSKONTO_TIME_ZONE"]
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
    "ninja",
]
MIDDLEWARE = [
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
            ]
        },
    }
]
ROOT_URLCONF = "vertrauenskonto.site.urls"
WSGI_APPLICATION = "vertrauenskonto.site.wsgi.application"
STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
AUTH_USER_MODEL = "vertrauenskonto.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
SECRET_KEY = "replaced by the one in the data folder"  # noqa: S105
