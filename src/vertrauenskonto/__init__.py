"""Vertrauenskonto: a trust account for every customer."""
