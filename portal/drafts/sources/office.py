"""Old Word files, WPS, RTF and ODT: LibreOffice turns them into DOCX when it is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from portal.drafts.sources.docx import read_docx
from portal.drafts.sources.source import Source
from portal.errors import Unreadable

_SECONDS = 60
# Nothing is run, nothing linked is fetched: no macros, no links brought up to date, and a proxy that is not there.
_SETTINGS = (
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "2"),
    ("org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
    ("org.openoffice.Inet/Settings", "ooInetNoProxy", ""),
)


def read_office(data: bytes, suffix: str) -> Source:
    """A file LibreOffice can open to lines; a clear sentence when there is no LibreOffice."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise Unreadable(
            "本机没有安装 LibreOffice，不能直接读取 %(kind)s 文件，请另存为 .docx 后再上传。", kind=suffix or ".doc"
        )
    with tempfile.TemporaryDirectory(prefix="draft-") as folder:
        source = Path(folder) / f"draft{suffix if suffix.isascii() and suffix[1:].isalnum() else '.doc'}"
        source.write_bytes(data)
        _settle(Path(folder) / "profile")
        command = [
            program, "--headless", "--norestore", f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}",
            "--convert-to", "docx", "--outdir", folder, str(source),
        ]  # fmt: skip
        try:
            _run(command, folder)
            converted = source.with_suffix(".docx").read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise Unreadable("这个文件无法转换，请用 Word 或 WPS 打开后另存为 .docx 再上传。") from error
    return read_docx(converted)


def _settle(profile: Path) -> None:
    """Write the settings of a profile that serves this one conversion."""
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        f"{items}</oor:items>",
        encoding="utf-8",
    )


def _run(command: list[str], folder: str) -> None:
    """Run the converter to its end or its time-out, and leave no process of it behind.

    ``soffice`` is a script that starts another program: ending the script alone would leave that one running, so
    the whole session it was started in is ended.

    :raises subprocess.TimeoutExpired: after ``_SECONDS`` s.
    :raises subprocess.CalledProcessError: when it says that it failed.
    """
    # The program is found on PATH and every argument is ours; the file's own name is not used.
    with subprocess.Popen(  # noqa: S603 — a program we found ourselves, without a shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": folder, "TMPDIR": folder, "LC_ALL": "C.UTF-8"},
    ) as process:  # fmt: skip
        try:
            code = process.wait(timeout=_SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    if code:
        raise subprocess.CalledProcessError(code, command)
