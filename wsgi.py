"""The WSGI entry: `gunicorn wsgi:app`, `flask --app wsgi …`."""

import gc

from portal import create_app

app = create_app()
# what is loaded now stays for good: the collector need not walk through it again and again
gc.freeze()
