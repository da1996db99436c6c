"""The Django app's registration."""

from django.apps import AppConfig


class Db(AppConfig):
    """All tables of the product, in one migration history."""

    name = "vertrauenskonto.db"
    label = "vertrauenskonto"
    default_auto_field = "django.db.models.BigAutoField"
