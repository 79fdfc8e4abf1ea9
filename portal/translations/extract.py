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
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and any("\u4e00" <= character <= "\u9fff" for character in node.value)
        ):
            yield node.lineno, "", node.value, []
