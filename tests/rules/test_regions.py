"""The list of regions as an administrator types it."""

from __future__ import annotations

import pytest

from portal.errors import NotValid
from portal.rules import regions


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", []),
        (" \n、，\n", []),
        ("云川区\r\n望山县\r\n", ["云川区", "望山县"]),
        ("云川区、望山县，清溪县；市外", ["云川区", "望山县", "清溪县", "市外"]),
        ("  云川 区 \n\u202e望山县", ["云川 区", "望山县"]),
    ],
)
def test_one_to_a_line_or_between_marks_in_their_order(typed, expected):
    assert regions.listed(typed) == expected


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("云川区\n云川区", "写了两次"),
        ("云川区\n未填", "不能作为地区名称"),
        ("不填", "不能作为地区名称"),
        ("\n".join(f"{n}区" for n in range(regions.MOST + 1)), "最多60个地区"),
        ("长" * (regions.LONGEST + 1), "最多20字"),
    ],
)
def test_what_would_be_taken_for_something_else_is_refused(typed, says):
    with pytest.raises(NotValid, match=says) as refused:
        regions.listed(typed)
    assert refused.value.fault == "regions"


def test_as_many_as_there_may_be():
    assert len(regions.listed("\n".join(f"{n}区" for n in range(regions.MOST)))) == regions.MOST
