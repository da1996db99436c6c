"""As in the program of today."""

from importlib import import_module

Migration = import_module("vertrauenskonto.db.migrations.0004_promises").Migration
