"""Which address is answered by what."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("konto/", include("allauth.urls"))]
