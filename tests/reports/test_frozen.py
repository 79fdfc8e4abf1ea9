"""A summary packed to be kept: it comes back equal, its digest is that of one JSON text, and nothing else is taken for it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import replace
from io import BytesIO

import pytest

from portal.reports import frozen
from portal.reports.summary import Summary
from tests.reports.conftest import make, single
from tests.reports.test_every_format import HOSTILE


def plain(summary: Summary) -> dict:
    """The JSON values of what is kept of a summary."""
    values = frozen.plain(summary)
    return {name: value for name, value in values.items() if name not in ("digest", "is_public")}


def digest(values: dict) -> str:
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def kept(summary: Summary) -> Summary:
    return replace(summary, digest="", is_public=False)


def packed(values: dict) -> frozen.Packed:
    """JSON values packed as pack() does a summary: what another version of the program may have kept."""
    target = BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as written:
        for piece in frozen._written(values, frozen._DEPTH):
            written.write(piece.encode() + b"\n")
    return frozen.Packed(base64.b64encode(target.getvalue()).decode(), digest(values))


SUMMARIES = {
    "told": make(60), "silent": make(0), "alone": single("一条意见"),
    "regions": replace(make(20), by_region=(("云川区", 3, 4), ("", 8, 22)), columns={"浏览 “次数”": "3：\n[{"}),
}  # fmt: skip


@pytest.mark.parametrize("which", SUMMARIES)
def test_it_comes_back_equal_and_its_digest_is_that_of_one_text(which):
    summary = SUMMARIES[which]
    found = frozen.pack(summary)
    assert found == frozen.pack(summary)
    assert found.digest == digest(plain(summary))
    assert frozen.unpack(found.content, found.digest) == kept(summary)


@pytest.mark.parametrize("words", [text for text in HOSTILE if not any("\ud800" <= each <= "\udfff" for each in text)])
def test_whatever_people_write_stays_what_it_is(words):
    summary = single(words, respondent=words[:60], proposed_text=words, original_text=words)
    found = frozen.pack(summary)
    assert frozen.unpack(found.content, found.digest) == kept(summary)


def test_what_was_kept_as_json_values_is_read_as_it_was():
    summary = make(60)
    values = plain(summary)
    # a database may keep the keys in an order of its own
    values = dict(sorted(values.items(), reverse=True))
    assert frozen.unpack(values, digest(values)) == kept(summary)
    with pytest.raises(ValueError, match="digest"):
        frozen.unpack(values | {"views": 1}, digest(values))


@pytest.mark.parametrize("pack", [packed, lambda values: frozen.Packed(values, digest(values))])
def test_what_another_version_kept_is_read(pack):
    """A field that came later has its default; one that is gone is left out."""
    summary = make(20)
    values = plain(summary) | {"gone": {"a": [1, {"b": ["c", []]}], "d": None}}
    del values["by_region"], values["outreach"]
    found = pack(values)
    assert frozen.unpack(found.content, found.digest) == kept(replace(summary, outreach=""))


def raw(content: str) -> bytes:
    return gzip.decompress(base64.b64decode(content))


def again(text: bytes) -> str:
    return base64.b64encode(gzip.compress(text)).decode()


WRONG = {
    "other letters": lambda content: content[:40] + ("A" if content[40] != "A" else "B") + content[41:],
    "no letters": lambda _: "“不是”",
    "cut off": lambda content: content[: len(content) // 8 * 4],
    "another word": lambda content: again(raw(content).replace("补助".encode(), "奖励".encode(), 1)),
    "a line less": lambda content: again(b"".join(raw(content).splitlines(keepends=True)[:-1])),
    "a line more": lambda content: again(raw(content) + b"1\n"),
    "no summary": lambda _: again(b"1\n"),
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("what", WRONG)
def test_nothing_else_is_taken_for_it(what):
    found = frozen.pack(make(20))
    with pytest.raises(ValueError, match=r"."):
        frozen.unpack(WRONG[what](found.content), found.digest)
