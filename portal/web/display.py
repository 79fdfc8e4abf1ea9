"""How things are said on a page: language, type size, colours, dates, and the words of an enumeration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date, format_datetime
from flask import Flask, g, make_response, redirect, request, url_for
from flask_babel import Babel, get_locale, gettext
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as WerkzeugResponse

from portal import richtext
from portal.drafts import excerpts
from portal.drafts.difference import Piece, difference
from portal.drafts.excerpts import around, sides
from portal.drafts.script import page_converted
from portal.errors import Refusal
from portal.models import Clause
from portal.rules import window
from portal.rules.identifiers import Check
from portal.rules.periods import Message
from portal.rules.uploads import size_words
from portal.rules.words import LabelledEnum
from portal.services.baskets import printed_code
from portal.web import gate

LANGUAGES = ("zh", "en")
#: what a reader may set, and its default; kept in a cookie for a year
CHOICES = {
    "lang": LANGUAGES,
    "size": ("standard", "large", "largest"),
    "theme": ("auto", "light", "dark", "contrast"),
    "script": ("original", "hans", "hant"),
    # one-key shortcuts of the moderation desk (WCAG 2.1.4)
    "keys": ("on", "off"),
}


def chosen(name: str) -> str:
    """What this reader set, or the default."""
    value = request.cookies.get(name, "")
    return value if value in CHOICES[name] else CHOICES[name][0]


def choosing(**choice: str) -> str:
    """The address of this page with another choice, and with what it was asked for otherwise."""
    # what an identity provider said is not repeated
    is_kept = request.method == "GET" and not request.path.startswith("/office/sign-in")
    asked = request.args.items(multi=True) if is_kept else ()
    return "?" + urlencode([*((key, value) for key, value in asked if key not in CHOICES), *choice.items()])


def is_english() -> bool:
    """Whether this page is in English."""
    return str(get_locale() or "zh").startswith("en")


def day(value: datetime | date) -> str:
    """A day in Beijing: 2022年3月12日, or 12 March 2022."""
    on = window.day_in_beijing(value) if isinstance(value, datetime) else value
    return format_date(on, "d MMMM yyyy", locale="en") if is_english() else window.date_words(on)


def short_day(on: date) -> str:
    """A day of a year that is told beside it: 3月12日, or 12 Mar."""
    return format_date(on, "d MMM", locale="en") if is_english() else f"{on.month}月{on.day}日"


def chinese_day(value: datetime) -> str:
    """A day in Beijing as a Chinese document writes it, whatever the language of the interface."""
    return window.date_words(window.day_in_beijing(value))


def stamp(value: datetime) -> str:
    """An instant as page tags carry it: 2022-03-12 21:07 in Beijing (rules D.5)."""
    return f"{window.in_beijing(value):%Y-%m-%d %H:%M}"


def moment(value: datetime) -> str:
    """An instant on a Beijing clock: 2022年3月12日 21:07."""
    at = window.in_beijing(value)
    return f"{day(value)} {at:%H:%M}"


def short_moment(value: datetime) -> str:
    """An instant in few characters: 3月12日 21:07."""
    at = window.in_beijing(value)
    return format_datetime(at, "d MMM HH:mm", locale="en") if is_english() else f"{at.month}月{at.day}日 {at:%H:%M}"


def waited_words(since: datetime) -> str:
    """How long something has waited: 已等26小时, 已等3天."""
    hours = int((gate.now() - since).total_seconds() // 3600)
    if hours < 1:
        return str(gettext("刚刚收到"))
    if hours < 48:
        return str(gettext("已等%(count)s小时", count=hours))
    return str(gettext("已等%(count)s天", count=hours // 24))


def has(value: int, flag: int) -> bool:
    """Whether a flag is among those of a value."""
    return bool(value & flag)


def window_words(opens_at: datetime, closes_at: datetime) -> str:
    """The whole window, exact and in words."""
    if not is_english():
        return window.words(opens_at, closes_at)
    end = _english_instant(closes_at, is_end=True)
    end = end.replace("included)", "included, Beijing time)") if end[-1] == ")" else f"{end} (Beijing time)"
    return f"{_english_instant(opens_at, is_end=False)} to {end}"


def closes_words(closes_at: datetime) -> str:
    """The deadline, exact and in words: 截至2022年3月12日24时（含当日）."""
    if not is_english():
        return window.closes_words(closes_at)
    return f"Until {_english_instant(closes_at, is_end=True)}"


def _english_instant(at: datetime, *, is_end: bool) -> str:
    clock = window.in_beijing(at)
    if clock.hour == clock.minute == clock.second == 0:
        on = window.last_day(at) if is_end else clock.date()
        words = format_date(on, "d MMMM yyyy", locale="en")
        return f"24:00 on {words} (that day included)" if is_end else words
    return f"{clock:%H:%M} on {format_date(clock.date(), 'd MMMM yyyy', locale='en')}"


def closing_hour(closes_at: datetime) -> str:
    """The hour of the last day at which a window ends: 24时 unless the notice names one."""
    clock = window.in_beijing(closes_at)
    if not is_english():
        return window.closing_hour(closes_at)
    return "24:00" if window.last_day(closes_at) != clock.date() else f"{clock:%H:%M}"


def weekday(value: datetime | date) -> str:
    """周六."""
    on = window.day_in_beijing(value) if isinstance(value, datetime) else value
    return format_date(on, "EEEE", locale="en") if is_english() else format_date(on, "EEE", locale="zh")


def narrow_weekday(value: date) -> str:
    """The head of a column of a calendar: 六, Sa."""
    return format_date(value, "EEEEEE", locale="en") if is_english() else format_date(value, "EEEEE", locale="zh")


def official(text: str) -> Markup:
    """The words of an office (notice, explanatory note) as HTML. Never for what the public wrote."""
    return richtext.shown(text)


def days_left(closes_at: datetime) -> int:
    """Whole days left until the last day of a window."""
    return window.days_left(closes_at, gate.now())


def left_words(opens_at: datetime, closes_at: datetime) -> str:
    """How long it still is."""
    if not is_english():
        return window.left_words(opens_at, closes_at, gate.now())
    match window.state(opens_at, closes_at, gate.now()):
        case window.WindowState.UPCOMING:
            return f"opens on {day(opens_at)}"
        case window.WindowState.CLOSED:
            return "closed"
    days = window.days_left(closes_at, gate.now())
    if days == 0:
        return last_day_words(closes_at)
    return "1 day left" if days == 1 else f"{days} days left"


def last_day_words(closes_at: datetime) -> str:
    """What is said on the last day: 今日24时截止, or the hour the notice names."""
    hour = closing_hour(closes_at)
    return f"closes today at {hour}" if is_english() else f"今日{hour}截止"


def resume_code(code: str) -> str:
    """A resume code in groups of four, as somebody reads it out."""
    return printed_code(code)


def word(member: LabelledEnum | None) -> str:
    """What the page says for a stored value."""
    return str(gettext(member.label)) if member is not None else ""


#: what the desk calls each kind of personal data
KINDS = {
    "name": "姓名",
    "mobile": "手机",
    "landline": "电话",
    "id": "身份证号",
    "email": "邮箱",
    "address": "住址",
    "card": "银行卡",
    "plate": "车牌",
    "wechat": "微信",
    "qq": "QQ号",
}


def kind_word(kind: str) -> str:
    """What the desk says for a kind of personal data."""
    return KINDS.get(kind, "其他")


#: why a line of the source was set aside: the draft holds these words, the page says them
WHY_DROPPED = ("页码", "页眉", "目录", "网页导航", "网页按钮", "网页页脚", "垃圾内容", "落款")


def why_dropped(why: str) -> str:
    """Why a line of the source was set aside, in the language of the page."""
    return str(gettext(why)) if why else ""


def sentence(said: Refusal | Message | Check) -> str:
    """A refusal, a finding on a window or why an identifier is not valid, in the language of the page."""
    return _filled(said.sentence, dict(said.places))


def doubt_words(doubt: Mapping[str, Any]) -> str:
    """What is doubtful, in the language of the page; one stored with its places filled stays as it is."""
    return _filled(doubt["what"], doubt.get("places") or {})


def doubt_advice(doubt: Mapping[str, Any]) -> str:
    """What the officer can do about a doubt, in the language of the page."""
    return str(gettext(doubt["advice"])) if doubt["advice"] else ""


def _filled(words: str, places: Mapping[str, object]) -> str:
    translated = str(gettext(words))
    return translated % {name: _place(place) for name, place in places.items()} if places else translated


def _place(place: object) -> object:
    """What fills one place of a sentence, in the language of the page."""
    match place:
        case window.Day():
            return day(place.on)
        case window.Moment() if is_english():
            return _english_instant(place.at, is_end=False)
        case window.Second() if is_english():
            clock = window.in_beijing(place.at)
            return f"{clock:%H:%M:%S} on {format_date(clock.date(), 'd MMMM yyyy', locale='en')}"
        case window.Deadline() if is_english():
            return _english_instant(place.at, is_end=True)
        case str() if place:
            return gettext(place)
        case list():
            return Marks().list.join(str(_place(part)) for part in place)
        case Check():
            return sentence(place)
    return place


def in_chinese() -> Markup:
    """The attribute for what stays Chinese on an English page, such as a title; nothing where all is (WCAG 3.1.2)."""
    return Markup(' lang="zh-CN"') if is_english() else Markup("")


class Marks:
    """The punctuation between translated words: full width in Chinese, ASCII with its space in English."""

    CHINESE = {"comma": "，", "stop": "。", "colon": "：", "open": "（", "close": "）", "list": "、", "semicolon": "；"}
    ENGLISH = {"comma": ", ", "stop": ". ", "colon": ": ", "open": " (", "close": ")", "list": ", ", "semicolon": "; "}

    def __getattr__(self, name: str) -> str:
        return (self.ENGLISH if is_english() else self.CHINESE)[name]


def changed(old: str, new: str) -> Markup:
    """The new wording with what was struck and what was added marked, also for ears; long unchanged parts left out."""
    return _marked(around(difference(old, new)))


def as_proposed(old: str, new: str) -> Markup:
    """A wording proposed for a clause, marked as changed() does, beside the sentences of the clause it stands for."""
    return _marked(excerpts.proposed(old, new))


def _marked(pieces: tuple[Piece, ...]) -> Markup:
    parts = []
    for act, words in pieces:
        safe = escape(words)
        if act == "del":
            parts.append(Markup("<del><span class=vh>{}</span>{}</del>").format(gettext("删去："), safe))
        elif act == "ins":
            parts.append(Markup("<ins><span class=vh>{}</span>{}</ins>").format(gettext("增加："), safe))
        else:
            parts.append(safe)
    return Markup("").join(parts)


def before_change(old: str, new: str) -> str:
    """What was there where a new wording changes it; long unchanged parts left out as changed() does."""
    return sides(old, new)[0]


def titled(clause: Clause | None) -> str:
    """How a list calls what a comment is on: citation and heading, once where they say the same; 全文 for None."""
    if clause is None:
        return str(gettext("全文"))
    heading, cited = unstopped(clause.heading), clause.citation or clause.name
    return cited if heading in ("", cited) else f"{cited}　{heading}"


def unstopped(heading: str) -> str:
    """A clause's heading as a name on a page: without the stop that ends it in the draft."""
    return heading.rstrip("。；;")


def _language() -> str:
    """What the reader chose; a program says it in Accept-Language."""
    if not request:
        return "zh"
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(LANGUAGES, "zh") or "zh"
    return chosen("lang")


def init_app(app: Flask) -> None:
    """Sets up the languages, the filters of the templates and the cookies of the choices."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, locale_selector=_language)
    for function in (
        day,
        short_day,
        stamp,
        chinese_day,
        moment,
        short_moment,
        waited_words,
        has,
        window_words,
        closes_words,
        closing_hour,
        weekday,
        narrow_weekday,
        size_words,
        official,
        days_left,
        left_words,
        last_day_words,
        resume_code,
        word,
        kind_word,
        sentence,
        doubt_words,
        doubt_advice,
        why_dropped,
        before_change,
        changed,
        as_proposed,
        titled,
        unstopped,
        in_chinese,
    ):
        app.jinja_env.filters[function.__name__] = function
        app.jinja_env.globals[function.__name__] = function
    app.jinja_env.globals.update(
        chosen=chosen, choosing=choosing, is_english=is_english, settings=gate.settings, now=gate.now, marks=Marks()
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.before_request
    def keep_choice() -> WerkzeugResponse | None:
        if request.method != "GET":
            return None
        asked = {name: request.args[name] for name in CHOICES if request.args.get(name) in CHOICES[name]}
        if not asked:
            return None
        rest = [(key, value) for key, value in request.args.items(multi=True) if key not in CHOICES]
        # an address of ours, built from the rule that matched: never the path as it was sent, so no open redirect
        address = url_for(request.endpoint or "consultations.home", **(request.view_args or {}))
        answer = make_response(redirect(address + (f"?{urlencode(rest)}" if rest else "")))
        for name, value in asked.items():
            answer.set_cookie(name, value, max_age=31_536_000, samesite="Lax", secure=gate.settings().is_https)
        return answer

    @app.after_request
    def in_script(response: WerkzeugResponse) -> WerkzeugResponse:
        script = chosen("script")
        is_public_page = response.mimetype == "text/html" and not request.path.startswith("/office")
        if script != "original" and is_public_page and not response.direct_passthrough and "is_copy" not in g:
            response.set_data(page_converted(response.get_data(as_text=True), script))
        return response

    @app.context_processor
    def reader_choices() -> dict[str, object]:
        return {
            "lang": "en" if is_english() else "zh-Hant" if chosen("script") == "hant" else "zh-CN",
            "account": g.get("account"),
        }
