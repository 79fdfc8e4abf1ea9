"""`flask comments …` as a script sees it."""

from __future__ import annotations

import json

import flask
import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from portal.cli import comments


@pytest.fixture
def run(tmp_path):
    def run(command: str, lines: str):
        file = tmp_path / "comments.jsonl"
        file.write_text(lines, encoding="utf-8")
        shell = ScriptInfo(create_app=lambda: flask.Flask(__name__))
        return CliRunner().invoke(comments.group, [command, str(file)], obj=shell)

    return run


def test_points_follow_the_lines(run):
    texts = ["班次太少，希望增加公交班次", "建议增加公交班次", "请公开补助名单", "同意"]
    made = run("points", "\n".join(json.dumps({"id": n, "text": text, "clause": "3"}) for n, text in enumerate(texts)))
    assert made.exit_code == 0
    told = [json.loads(line) for line in made.stdout.splitlines()]
    lines, points = told[:4], told[4:]
    assert [line["id"] for line in lines] == [0, 1, 2, 3]
    assert lines[0]["point"] == lines[1]["point"] != lines[2]["point"]
    assert [(point["size"], point["kind"]) for point in points] == [(2, "argument"), (1, "single"), (1, "approval")]
    assert points[0]["representative"]["text"] in texts[:2]
    assert "公交班次" in "".join(points[0]["key_phrases"])


@pytest.mark.parametrize("command", ["points", "mask"])
@pytest.mark.parametrize("line", ["no JSON", "[1]", '{"text": "x"}', '{"id": 1}', '{"id": 1, "text": 5}'])
def test_a_line_that_is_no_comment_is_named(run, command, line):
    made = run(command, '{"id": 0, "text": "好"}\n\n' + line)
    assert made.exit_code == 2
    assert "line 3" in made.stderr


def test_two_lines_with_one_id_are_refused(run):
    made = run("points", '{"id": 1, "text": "好"}\n{"id": 1, "text": "坏"}')
    assert made.exit_code == 2
    assert "same id" in made.stderr


def test_mask_tells_spans(run):
    made = run("mask", '{"id": 7, "body": "我叫张三"}')
    assert json.loads(made.stdout)["masked"] == "我叫张*"
