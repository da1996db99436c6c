"""Which address is answered by what."""

from django.urls import URLPattern, URLResolver, include, path

from vertrauenskonto.api.urls import urls as api
from vertrauenskonto.site import health, metrics
from vertrauenskonto.web import feeds

handler400 = "vertrauenskonto.site.outage.bad_request"
handler500 = "vertrauenskonto.site.outage.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("vertrauenskonto.web.urls")),
    path("api/v1/", api),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics.metrics),
    path("feeds/<slug:secret>.ics", feeds.feed, name="calendar_feed"),
]
