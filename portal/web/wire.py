"""What goes over the wire: compressed for whoever can read it, and static files that are fetched once.

Compressing a page with a form token is safe here because the session's cookie is SameSite: nobody elsewhere can make
a browser ask for the page again and again with it and watch the length (BREACH).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_compress import Compress
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

#: how long a browser keeps a static file whose address names its content, in seconds
A_YEAR = 31_536_000
_TEXT = (
    "text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml", "application/json",
    "application/problem+json", "application/xml", "application/atom+xml", "text/calendar",
)  # fmt: skip


def init_app(app: Flask) -> None:
    """To be called before what looks at finished pages: the copies it keeps are of pages not compressed yet."""
    app.config.update(
        COMPRESS_MIMETYPES=list(_TEXT),
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_STREAMS=False,
        COMPRESS_ZSTD_LEVEL=3,
        COMPRESS_BR_LEVEL=4,
    )
    Compress(app)
    folder = str(app.static_folder)

    @app.url_defaults
    def name_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values and (digest := _digest(folder, values.get("filename", ""))):
            values["v"] = digest

    @app.after_request
    def keep_for_long(response: Response) -> Response:
        if request.endpoint != "static" or response.status_code not in (200, 304):
            return response
        if request.args.get("v"):
            response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        if response.mimetype in _TEXT:
            # a few kilobytes: read whole, so that they are compressed like a page and the file is closed
            response.direct_passthrough = False
            response.make_sequence()
        return response


def _digest(folder: str, name: str) -> str:
    """A short mark of a static file's content; empty when there is no such file."""
    path = safe_join(folder, name)
    try:
        return _read(path, Path(path).stat().st_mtime_ns) if path else ""
    except OSError:
        return ""


@lru_cache(maxsize=500)
def _read(path: str, _changed_at: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]
