"""The site's own settings: what the footer and the page tags say (网站信息)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import NotValid
from portal.models import SiteSetting
from portal.rules import plaintext, site
from portal.rules.site_items import ITEMS, LONGEST
from portal.services import audit


def values(session: Session) -> dict[str, str]:
    """What was set, by key."""
    return dict(session.execute(select(SiteSetting.key, SiteSetting.value)).all())


def keep(session: Session, actor: Actor, given: Mapping[str, str], at: datetime) -> None:
    """Keeps the settings. Raises NotValid at the first item that is not written as it must be."""
    require(actor, Permission.MANAGE_SITE)
    read = {item.key: plaintext.one_line(given.get(item.key, ""), LONGEST, "网站信息", item.key) for item in ITEMS}
    for key, sentence in site.faults(read).items():
        raise NotValid(sentence, fault=key)
    if read["is_error_report_shown"] and not read["site_code"]:
        raise NotValid("显示“政府网站找错”，请先填写政府网站标识码。", fault="site_code")
    kept = {setting.key: setting for setting in session.scalars(select(SiteSetting))}
    changed = {}
    for key, value in read.items():
        before = kept[key].value if key in kept else ""
        if value == before:
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
