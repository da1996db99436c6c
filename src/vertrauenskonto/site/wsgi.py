"""What a server of web applications loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")
application = get_wsgi_application()
# All pages and endpoints are loaded now, or the first request of each process would wait for them.
resolve("/health/live")
# What is loaded now stays; looking through it for cycles again and again took a fifth of the time
# of a large call.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
