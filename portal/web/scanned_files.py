"""Every file of every form is shown to the virus scanner, where there is one, before a view sees it."""

from __future__ import annotations

from flask import Flask, current_app, g, request

from portal import scanning
from portal.errors import NotValid
from portal.rules import uploads
from portal.rules.words import Scan
from portal.web import gate


def scanner() -> scanning.Scanner | None:
    """The scanner of this application."""
    found: scanning.Scanner | None = current_app.extensions["scanner"]
    return found


def init_app(app: Flask) -> None:
    """To be called after the form tokens are looked at: whoever has none gets nothing scanned."""
    app.extensions["scanner"] = scanning.of(gate.settings_of(app))

    @app.before_request
    def look() -> None:
        asked = scanner()
        if asked is None or request.method != "POST" or request.mimetype != "multipart/form-data" or not _may_send():
            return
        for files in request.files.listvalues():
            for file in files:
                data = file.stream.read()
                file.stream.seek(0)
                if data:
                    _settle(asked.look(data), file.filename or "")


def _may_send() -> bool:
    """Whether the view will look at the files at all; the others refuse by themselves."""
    view = current_app.view_functions.get(request.endpoint or "")
    permission = gate.PERMISSIONS.get(view) if view is not None else None
    return permission is not None and gate.actor().may(permission)


def _settle(verdict: scanning.Verdict, name: str) -> None:
    if verdict.scan is Scan.INFECTED:
        current_app.logger.warning("an infected file was refused: %s", verdict.words)
        stem, _, suffix = name.rpartition(".")
        shown = uploads.safe_name(stem or name, suffix[:8] if stem else "bin")
        raise NotValid("文件“%(name)s”带有病毒，没有保存。请查毒后再上传，或者换一个文件。", name=shown)
    if verdict.scan is Scan.OWED:
        current_app.logger.warning("a file was not scanned: %s", verdict.words)
        if not gate.settings().is_unscanned_accepted:
            raise NotValid("查毒服务暂时用不了，文件没有保存。请过几分钟再传，或者先不带文件提交。")
    if g.get("scan") is not Scan.OWED:
        g.scan = verdict.scan
