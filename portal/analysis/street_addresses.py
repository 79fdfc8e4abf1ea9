"""Where somebody says where they live: everything past 乡镇、街道 is theirs alone (rules E.4).

A road with a number is not a home by itself (和平路12号应建充电桩); it becomes one after 家住, 住址 or 地址, or when it
goes into the building (3号楼2单元501室).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.rules.masking import public_part

_RUN = r"[^\s,。;!?、“”\"'()\[\]【】<>《》:]"
_PLACE_AHEAD = r"(?=[\u4e00-\u9fff]{1,6}[区县市镇乡])"
_CUES = re.compile(
    rf"(?:家住|现住|[在前直]住[在于]?|[租暂常借]住[在于]?|居住[在于]|居住地(?:址)?|居住{_PLACE_AHEAD}|住在|住址|家在|户籍(?:所在)?地(?:址)?|户籍{_PLACE_AHEAD}"
    r"|(?:家庭|通[讯信]|收货|邮寄|联系|现|详细)地址|(?<![网箱件站公链IPip位册目司])地址"
    r"|(?<=[我人 ,。;、:\n])住(?![建房宅院宿户所处持行得不了过着进上下])"
    rf"|^住{_PLACE_AHEAD})"
    rf"[ \t]{{0,2}}(?:[:是为在于][ \t]{{0,2}})?(?P<run>{_RUN}{{4,60}})"
)
_COUNT = r"[0-9A-Za-z一二三四五六七八九十百]{1,6}(?:-[0-9]{1,5}){0,3}"
# 地铁3号线, 5号地块 and 2号文件 are no doors.
_DOOR = r"(?:号院|号楼|号(?![线地文令公通会机])|栋|幢|座|单元|室|户(?!型))"
_NAMED = r"小区|家园|花园|公寓|新村|村(?!民)|[庄屯营寨]村?(?!民)|里|胡同|大街|街(?!道)|大道|路|巷|苑"
# 阳光家园5-2-301 is building 5, entrance 2, room 301.
_ROOM = r"(?<![0-9])[0-9]{1,3}(?:-[0-9]{1,5}){1,3}(?![0-9-])"
_NUMBER = re.compile(
    rf"[0-9]{{1,5}}(?:-[0-9]{{1,5}}){{0,3}}{_DOOR}|(?<=村)[0-9一二三四五六七八九十]{{1,3}}[组队社]|{_ROOM}"
)
_DETAIL = re.compile(
    rf"{_COUNT}(?:{_DOOR}|楼|层|组|队|弄|门)(?:[0-9]{{3,4}}(?:室|号|户|房)?(?![0-9年月日元万]))?"
    rf"|[\u4e00-\u9fff](?:{_NAMED})(?:村(?!民))?(?:{_ROOM})?"
)
_NAMED_PLACE = re.compile(rf"[\u4e00-\u9fff]{{2}}(?:{_NAMED})")
_BUILDING = re.compile(rf"(?:{_COUNT}(?:号楼|栋|幢|单元|楼|层)){{1,4}}(?:[0-9A-Za-z-]{{1,8}}(?:室|号|户|房)?)?")
_BEFORE = re.compile(rf"{_RUN}{{0,30}}\Z")
_VAGUE = re.compile(
    r"(?:[\u4e00-\u9fff]{0,2}(?:城市|城区|市区|县城(?!关)|老城区|郊区|农村|小区|社区|园区|新区|地区|山区|校区)|本[市县区]|所在)"
)
_ANY = re.compile(
    r"(?:本|某|该|这|那|同一|我们|一个|老|普通|高层|新建|安置|城市|城区|市区|县城(?!关)|郊区|农村|小区|社区|园区|新区|校区|所在)"
)
_LOOK_BACK = 30


def addresses(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start, end and whether it is sure, of every home a text names; half-width text in, one pass, no overlaps."""
    after = 0
    told = list(_told(text))
    covered = bytearray(len(text))
    for start, end, _ in told:
        covered[start:end] = b"\1" * (end - start)
    entered = [span for span in _entered(text) if not any(covered[span[0] : span[1]])]
    for start, end, is_sure in sorted([*told, *entered], key=lambda span: (span[0], -span[1])):
        if start >= after:
            yield start, end, is_sure
            after = end


def _told(text: str) -> Iterator[tuple[int, int, bool]]:
    """Addresses somebody announces. Without a number or a level above it, 住在村里 names no place."""
    for match in _CUES.finditer(text):
        run, start = match["run"], match.start("run")
        end = _detail_end(run)
        public = public_part(run)
        if end <= len(public):
            continue  # nothing beyond what may be shown anyway
        is_numbered = _NUMBER.search(run, 0, end) is not None
        is_placed = len(public) > 2 and not _VAGUE.match(run)
        if is_numbered or is_placed:
            # A village below its town, or a door in a named street, is one place; 住在本市某小区 is not.
            is_village = is_placed and public.endswith(("镇", "乡", "街道")) and run[:end].endswith(("村", "庄", "屯"))
            is_named = is_placed or _NAMED_PLACE.search(run, 0, end) is not None
            yield start, start + end, (is_numbered and is_named and not _ANY.match(run)) or is_village


def _detail_end(run: str) -> int:
    end = 0
    for match in _DETAIL.finditer(run):
        if end and match.start() - end > 12:
            break  # the sentence has gone on to something else
        end = match.end()
    return end


def _entered(text: str) -> Iterator[tuple[int, int, bool]]:
    """Addresses that go into a building, announced or not. 9栋2单元 alone says too little to be anybody's home."""
    last = 0
    for match in _BUILDING.finditer(text):
        if "单元" not in match.group() and not match.group().endswith(("室", "户", "房")):
            continue
        before = _BEFORE.search(text[max(last, match.start() - _LOOK_BACK) : match.start()])
        start = _place_start(text, match.start() - (len(before.group()) if before else 0), match.start())
        if match.start() - start >= 2 and _HAN_PAIR.search(text, start, match.start()):
            yield start, match.end(), False
        last = match.end()


_HAN_PAIR = re.compile(r"[\u4e00-\u9fff]{2}")
_OPENERS = re.compile(r".{0,30}(?:位于|购[买置]|业主|还有|我们|[在于到从我是为住和与对请把租买着了的即])")


def _place_start(text: str, start: int, end: int) -> int:
    """Where the place name begins: behind the last small word that leads up to it."""
    opener = _OPENERS.match(text[start:end])
    return min(start + opener.end(), end) if opener else start
