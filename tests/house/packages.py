"""What the project stands on, checked without the network; and, where `pip-audit` is there and reaches its service, for
known vulnerabilities.

`python -m tests.house.packages` prints one line for each fault and ends with 1 when there is one. `make check` runs it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements.txt", "requirements-distributed.txt", "tests/requirements.txt")

#: what an environment has before anything is installed
_ALWAYS = {"pip", "setuptools", "wheel"}
#: pinned by decision 0002: the only cleaner of HTML, and its last release
EXACTLY = {"bleach": "6.4.0"}
#: licences under which a bureau may run and pass on the portal. LGPL and MPL only as libraries that are not changed
ALLOWED = {
    "MIT", "MIT-0", "MIT-CMU", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC", "PSF-2.0", "Zlib",
    "CC0-1.0", "MPL-2.0", "LGPL-3.0-only",
}  # fmt: skip
#: how packages write them that do not use the names of SPDX
_CALLED = {
    "mit license": "MIT", "mit": "MIT", "bsd license": "BSD", "bsd": "BSD", "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause license": "BSD-3-Clause", "apache software license": "Apache-2.0", "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0", "apache license, version 2.0": "Apache-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "isc license (iscl)": "ISC",
    "python software foundation license": "PSF-2.0",
}  # fmt: skip
#: packages whose licence stands in their files and not, or not readably, in their metadata; looked at by a person
_READ_BY_A_PERSON = {
    "axe-playwright-python": "MIT AND MPL-2.0",
    "huey": "MIT",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "reportlab": "BSD",
}


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package: its name in the normal form, its version, its licence as an SPDX expression."""

    name: str
    version: str
    licence: str


def normal(name: str) -> str:
    """The form in which two spellings of one name are equal (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name.split("[")[0]).lower()


def required(text: str) -> Iterator[tuple[str, str]]:
    """Name and version of every line of a requirements file; the version is "" where it is not pinned exactly."""
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if line and not line.startswith("-r "):
            match = re.fullmatch(r"([A-Za-z0-9_.\-]+(?:\[[A-Za-z0-9_,\-]+\])?)==([0-9][\w.]*)", line)
            yield (normal(match[1]), match[2]) if match else (line, "")


def installed() -> list[Package]:
    """Every package of this environment."""
    found = []
    for one in metadata.distributions():
        told = one.metadata
        found.append(Package(normal(told["Name"]), one.version, _licence(told)))
    return sorted(found, key=lambda package: package.name)


def _licence(told: metadata.PackageMetadata) -> str:
    name = normal(told["Name"])
    if name in _READ_BY_A_PERSON:
        return _READ_BY_A_PERSON[name]
    if expression := told.get("License-Expression"):
        return str(expression)
    classes = [c.rsplit(" :: ", 1)[-1] for c in told.get_all("Classifier") or [] if c.startswith("License ::")]
    named = [c for c in classes if c != "OSI Approved"]
    return " AND ".join(_CALLED.get(c.lower(), c) for c in named) or _CALLED.get(
        (told.get("License") or "").lower(), told.get("License") or ""
    )


def is_allowed(licence: str) -> bool:
    """Whether an SPDX expression lets us choose licences of the list only."""
    choices = re.split(r"\s+OR\s+", licence.replace("(", " ").replace(")", " ").strip())
    return any(
        all(part.strip() in ALLOWED for part in re.split(r"\s+AND\s+", choice)) for choice in choices if choice.strip()
    )


def faults(files: Mapping[str, str], packages: Iterable[Package]) -> Iterator[str]:
    """Everything that is not as it must be, a line each."""
    listed: dict[str, str] = {}
    for file, text in files.items():
        for name, version in required(text):
            if not version:
                yield f"{file}: {name!r} is not pinned with =="
            elif listed.get(name, version) != version:
                yield f"{file}: {name} is pinned twice, at {listed[name]} and {version}"
            else:
                listed[name] = version
    for name, version in EXACTLY.items():
        if listed.get(name) != version:
            yield f"{name} must be pinned at {version}, and is {listed.get(name, 'not listed')}"
    for package in packages:
        if package.name in _ALWAYS or _is_part(package.name, listed):
            continue
        if package.name not in listed:
            yield f"{package.name} {package.version} is installed and not listed"
        elif listed[package.name] != package.version:
            yield f"{package.name} is installed as {package.version} and listed as {listed[package.name]}"
        if not is_allowed(package.licence):
            yield f"{package.name}: its licence {package.licence!r} is not on the list"


def _is_part(name: str, listed: Mapping[str, str]) -> bool:
    """psycopg-binary comes by the extra of psycopg[binary] and is pinned by it."""
    return name == "psycopg-binary" and "psycopg" in listed


def known_vulnerabilities(program: str | None) -> tuple[str, bool]:
    """What `pip-audit` says: a line, and whether that is a fault. A service that is not reached is none."""
    if program is None:
        return "Known vulnerabilities: not looked up, pip-audit is not installed.", False
    try:
        done = subprocess.run(
            [program, "--requirement", str(ROOT / FILES[0]), "--no-deps", "--disable-pip", "--progress-spinner", "off"],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "Known vulnerabilities: not reached, the service did not answer within two minutes.", False
    if done.returncode == 0:
        return "Known vulnerabilities: none.", False
    if re.search(r"(?m)^Found \d+ known vulnerabilit", done.stderr) or re.search(r"(?m)^Found \d+ known", done.stdout):
        return f"Known vulnerabilities:\n{done.stdout}{done.stderr}", True
    last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
    return f"Known vulnerabilities: not reached ({last[:200]}).", False


def main() -> int:
    """Checks this environment."""
    files = {file: (ROOT / file).read_text(encoding="utf-8") for file in FILES}
    found = list(faults(files, installed()))
    for fault in found:
        print(fault)
    words, is_fault = known_vulnerabilities(shutil.which("pip-audit"))
    print(words)
    print(f"Packages: {len(installed())} installed, {len(found)} faults.")
    return 1 if found or is_fault else 0


if __name__ == "__main__":
    sys.exit(main())
