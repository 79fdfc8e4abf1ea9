"""The site's own settings: what the footer and the page tags say (网站信息)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotValid
from portal.models import SiteSetting
from portal.rules import plaintext, site
from portal.rules.site_items import ITEMS, LONGEST
from portal.services import audit


def values(session: Session) -> dict[str, str]:
    """What was set, by key."""
    return dict(session.execute(select(SiteSetting.key, SiteSetting.value)).all())


def keep(
    session: Session, actor: Actor, given: Mapping[str, str], at: datetime, shown: Mapping[str, str] | None = None
) -> None:
    """Keeps the settings.

    `shown` says what the page showed of an item (nothing: nobody looked); an item that is given as it was shown is
    left as it stands. Raises AlreadyDone naming the items that somebody else has changed meanwhile, NotValid at the
    first item that is not written as it must be.
    """
    require(actor, Permission.MANAGE_SITE)
    kept = {
        setting.key: setting
        for setting in session.scalars(
            select(SiteSetting).order_by(SiteSetting.key).with_for_update().execution_options(populate_existing=True)
        )
    }
    standing = {item.key: kept[item.key].value if item.key in kept else "" for item in ITEMS}
    read = {item.key: plaintext.one_line(given.get(item.key, ""), LONGEST, "网站信息", item.key) for item in ITEMS}
    seen = {key: value for key, value in (shown or {}).items() if key in read}
    taken = [
        item.name
        for item in ITEMS
        if item.key in seen
        and read[item.key] != seen[item.key]
        and standing[item.key] not in (seen[item.key], read[item.key])
    ]
    if taken:
        raise AlreadyDone(
            "“%(items)s”刚刚已由他人修改，您的这一次没有保存。您填的内容还在下面，请看过现在的内容再改。", items=taken
        )
    read |= {key: standing[key] for key, value in seen.items() if read[key] == value}
    for key, sentence in site.faults(read).items():
        raise NotValid(sentence, fault=key)
    if read["is_error_report_shown"] and not read["site_code"]:
        raise NotValid("显示“政府网站找错”，请先填写政府网站标识码。", fault="site_code")
    changed = {}
    for key, value in read.items():
        if value == standing[key]:
            continue
        changed[key] = value
        if not value:
            session.delete(kept[key])
        elif key in kept:
            kept[key].value = value
        else:
            session.add(SiteSetting(key=key, value=value))
    session.flush()
    if changed:
        audit.record(session, actor, "site.keep", "site", at, changed)
