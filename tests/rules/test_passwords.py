"""Which passwords are taken."""

from __future__ import annotations

import pytest

from portal.errors import NotValid
from portal.rules import passwords


@pytest.mark.parametrize(
    "password",
    ["correct-horse-battery9", "Qingshui2031", "河长 Ab12 巡查记录本", "xk7-mqpw-zrtn", "Ab" * 40 + "-xyzw1"],
)
def test_strong_ones_are_taken(password):
    passwords.require_strong(password, "zhoumei", "周梅")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Ab1-xyz", "至少10个"),
        ("abcdefghijk", "至少三种"),
        ("12345678901234", "至少三种"),
        ("Password1234", "太容易"),
        ("P@ssw0rd1234", "太容易"),
        ("Admin888812", "太容易"),
        ("Zhoumei-2031", "太容易"),
        ("Aaaaaaaaa1", "太容易"),
        ("Aa1" * 50, "最多128个"),
    ],
)
def test_weak_ones_are_refused(password, said):
    with pytest.raises(NotValid, match=said) as refused:
        passwords.require_strong(password, "zhoumei", "周梅")
    assert refused.value.fault == "password"
