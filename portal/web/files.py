"""Handing out a file that somebody uploaded: always to be saved, never to be run in this site's name."""

from __future__ import annotations

from urllib.parse import quote

from flask import request
from werkzeug.wrappers import Response

from portal.errors import NotAllowed
from portal.models import Attachment
from portal.rules.words import Scan
from portal.services import attachments
from portal.web import gate


def answer(attachment: Attachment) -> Response:
    """The file as an attachment. A public one may be kept by caches: its bytes never change."""
    if attachment.scan is Scan.INFECTED:
        raise NotAllowed("这个文件查出病毒，不能下载。")
    response = Response(attachments.content(gate.seal(), attachment), mimetype=attachment.media_type)
    plain = f"attachment.{attachment.name.rsplit('.', 1)[-1]}"
    response.headers["Content-Disposition"] = (
        f"attachment; filename={plain}; filename*=UTF-8''{quote(attachment.name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if attachment.purpose.is_public:
        response.headers["Cache-Control"] = "public, max-age=86400"
        response.set_etag(attachment.digest)
        response.make_conditional(request)
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
