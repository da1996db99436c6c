"""What a server of web applications loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")
application = get_wsgi_application()
