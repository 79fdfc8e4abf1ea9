"""`flask comments …`: lines in, lines out, and one clear line for what cannot be read."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from portal.cli import comments

LETTER = "建议在河湾小区增设一处社区助餐点，老人走路不超过十分钟，菜价要公示，由街道负责日常检查。"


def run(command: str, file: Path, words: str | bytes) -> Result:
    file.write_bytes(words if isinstance(words, bytes) else words.encode())
    return Flask("shell").test_cli_runner().invoke(comments.group, [command, str(file)])


def lines(*entries: object) -> str:
    return "\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)


def test_each_line_has_its_campaign(tmp_path: Path) -> None:
    words = lines(
        {"id": 9, "text": LETTER + "谢谢。"},
        {"id": "web-2", "body": "您好！" + LETTER},
        {"id": 4, "text": LETTER},
        {"id": 5, "text": "支持"},
        {"id": 6, "text": "支持！"},
        {"id": 7, "text": "👍"},
        {"id": 8, "text": "路灯坏了半年，请尽快派人来修，孩子晚上放学害怕。"},
    )
    result = run("group", tmp_path / "in.jsonl", words + "\n\n")
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"id": 9, "campaign": 4},
        {"id": "web-2", "campaign": 4},
        {"id": 4, "campaign": 4},
        {"id": 5, "campaign": None, "same_text": 5},
        {"id": 6, "campaign": None, "same_text": 5},
        {"id": 7, "campaign": None},
        {"id": 8, "campaign": None},
    ]
    assert "in all" in result.stderr
    assert "7 texts, 2 groups" in result.stderr


BAD = [
    ("garbage", "不是JSON", "line 2: not a JSON object with id and text"),
    ("no id", '{"text": "有"}', "line 2: not a JSON object with id and text"),
    ("no text", '{"id": 2}', "line 2: no text"),
    ("a number as text", '{"id": 2, "text": 5}', "line 2: no text"),
    ("a list", "[1, 2]", "line 2: not a JSON object with id and text"),
    ("bytes that are no letters", b"\xff\xfe\x00{", "line 2: not a JSON object with id and text"),
    ("brackets without end", "[" * 200_000, "line 2: not a JSON object with id and text"),
    ("a number without end", '{"id": ' + "9" * 100_000 + ', "text": ""}', "line 2: not a JSON object with id and text"),
    ("an id that is a list", '{"id": [], "text": "有"}', "id []: neither a number nor a word"),
    ("an id that is true", '{"id": true, "text": "有"}', "id true: neither a number nor a word"),
    ("the same id twice", '{"id": 1, "text": "有"}', "id 1: there twice"),
]


@pytest.mark.parametrize(("why", "bad", "said"), BAD, ids=[row[0] for row in BAD])
def test_bad_input_gets_one_clear_line(why: str, bad: str | bytes, said: str, tmp_path: Path) -> None:
    first = lines({"id": 1, "text": LETTER}).encode() + b"\n"
    result = run("group", tmp_path / "in.jsonl", first + (bad if isinstance(bad, bytes) else bad.encode()))
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [said]
    assert result.stdout == ""


def test_a_text_of_ten_megabytes_does_not_hang(tmp_path: Path) -> None:
    began = time.perf_counter()
    words = lines(
        {"id": 1, "text": LETTER * 80_000},
        {"id": 2, "text": LETTER},
        {"id": 3, "text": "，" * 3_000_000},
        {"id": 4, "text": LETTER},
    )
    assert len(words.encode()) > 10_000_000
    result = run("group", tmp_path / "in.jsonl", words)
    assert [json.loads(line)["campaign"] for line in result.stdout.splitlines()] == [None, 2, None, 2]
    assert time.perf_counter() - began < 20


def test_an_empty_file(tmp_path: Path) -> None:
    result = run("group", tmp_path / "in.jsonl", "")
    assert result.exit_code == 0
    assert result.stdout == ""


def test_masking_reads_the_same_lines(tmp_path: Path) -> None:
    result = run("mask", tmp_path / "in.jsonl", lines({"id": 1, "text": "电话13812345678"}))
    assert json.loads(result.stdout)["masked"] == "电话138****5678"
    assert run("mask", tmp_path / "in.jsonl", "{").exit_code == 2
