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
        command = [
            program, "--headless", "--norestore", f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}",
            "--convert-to", "docx", "--outdir", folder, str(source),
        ]  # fmt: skip
        try:
            _run(command)
            converted = source.with_suffix(".docx").read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise Unreadable("这个文件无法转换，请用 Word 或 WPS 打开后另存为 .docx 再上传。") from error
    return read_docx(converted)


def _run(command: list[str]) -> None:
    """Run the converter to its end or its time-out, and leave no process of it behind.

    ``soffice`` is a script that starts another program: ending the script alone would leave that one running, so
    the whole session it was started in is ended.

    :raises subprocess.TimeoutExpired: after ``_SECONDS`` s.
    :raises subprocess.CalledProcessError: when it says that it failed.
    """
    # The program is found on PATH and every argument is ours; the file's own name is not used.
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            code = process.wait(timeout=_SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    if code:
        raise subprocess.CalledProcessError(code, command)
