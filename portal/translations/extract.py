"""Collects the sentences of modules that hold words as data: labels of enumerations, reasons, messages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, BinaryIO

Found = tuple[int, str, str, list[str]]


def words(file: BinaryIO, _keywords: Any, _comments: Any, options: Any) -> Iterator[Found]:
    """Every string constant with a Chinese character, docstrings left out. An extraction method for Babel."""
    del options
    tree = ast.parse(file.read())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings and (found := _chinese(node)):
            yield node.lineno, "", found, []


#: calls whose Chinese words are said to somebody; of a refusal only the sentence, which stands first
_SAYING = {"Doubt", "_doubt", "Check", "_refused", "Fault", "fault", "Left", "_remark"}
_REFUSING = {"Refusal", "NotValid", "NotThere", "Unreadable", "AlreadyDone", "Frozen", "NotReadable"}


def calls(file: BinaryIO, _keywords: Any, _comments: Any, options: Any) -> Iterator[Found]:
    """The Chinese words in calls that make a doubt, a check or a refusal. An extraction method for Babel."""
    del options
    for node in ast.walk(ast.parse(file.read())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        said = node.args if node.func.id in _SAYING else node.args[:1] if node.func.id in _REFUSING else []
        for inner in (inner for argument in said for inner in ast.walk(argument)):
            if found := _chinese(inner):
                yield node.lineno, "", found, []


def _chinese(node: ast.AST) -> str:
    """The words of a constant when they are Chinese; empty for everything else."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return ""
    return node.value if any("\u4e00" <= character <= "\u9fff" for character in node.value) else ""
