"""The basket (我的意见): comments somebody is still writing, under a private resume code."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.drafts.anchors import Anchor, anchored, before
from portal.errors import AlreadyDone, NotThere, NotValid, TooMany, WindowNotOpen
from portal.models import Basket, BasketItem, Clause, Consultation, Submission
from portal.rules import codes, plaintext, uploads, window
from portal.rules.words import AttachmentPurpose, Stance
from portal.sealing import Seal
from portal.services import attachments

LONGEST_BODY = 5000
MOST_ITEMS = 300
#: how many files one basket may hold
MOST_EVIDENCE = 10
#: what a comment says when it only proposes other words
ONLY_PROPOSED = "建议按修改后的文字表述。"
#: digits that no code has, and the letters they are mistaken for
_MEANT = str.maketrans("018", "OLB")


def lettered(raw: bytes) -> str:
    """The first 60 bits as a code that is easy to copy from paper, such as K7QM-92HD-XW4T. Takes 10 bytes or more."""
    return codes.grouped(base64.b32encode(raw[:10]).decode()[:12])


def new_code() -> str:
    """A private resume code."""
    return lettered(secrets.token_bytes(10))


def first_code(seal: Seal, consultation_id: int, mark: str) -> str:
    """The code of the first basket of a browser in one consultation: it follows from the browser's random mark."""
    return lettered(bytes.fromhex(seal.trace(f"{consultation_id}/{mark}", "basket-code")))


def plain_code(code: str) -> str:
    """The code as it is looked up: its letters and digits, digits nobody uses read as letters."""
    return codes.plain(code).translate(_MEANT)


def printed_code(code: str) -> str:
    """The code as it is printed: in groups of four."""
    return codes.grouped(plain_code(code))


def usable_code(session: Session, seal: Seal, consultation_id: int, code: str) -> str:
    """The code somebody holds, or a new one: when they hold none, have sent what it opened, or it opens another's."""
    if not plain_code(code):
        return new_code()
    mark = trace(seal, code)
    is_sent = session.scalar(select(Submission.id).where(Submission.basket_code_trace == mark))
    elsewhere = session.scalar(
        select(Basket.id).where(Basket.code_trace == mark, Basket.consultation_id != consultation_id)
    )
    return new_code() if is_sent or elsewhere else code


def basket(session: Session, seal: Seal, consultation_id: int, code: str) -> Basket | None:
    """The basket this code opens in this consultation, with its items and their clauses."""
    if not plain_code(code):
        return None
    return (
        session.scalars(
            select(Basket)
            .where(Basket.consultation_id == consultation_id, Basket.code_trace == trace(seal, code))
            .options(joinedload(Basket.items).options(joinedload(BasketItem.clause), joinedload(BasketItem.evidence)))
        )
        .unique()
        .one_or_none()
    )


def trace(seal: Seal, code: str) -> str:
    """How a code is kept: nobody can read it back from the database."""
    return seal.trace(plain_code(code), "basket")


def require_open(consultation: Consultation, at: datetime) -> None:
    """Raises WindowNotOpen, with the exact time, unless comments are received at `at`."""
    current = consultation.window
    if not consultation.is_published or current is None:
        raise NotThere("没有这次征求意见。")
    match consultation.state(at):
        case window.WindowState.WITHDRAWN:
            raise WindowNotOpen(
                "这次征求意见已于%(when)s撤回，不再接收意见。您写的内容仍在本页，可以复制保存。",
                when=window.Moment(consultation.withdrawn_at or at),
            )
        case window.WindowState.UPCOMING:
            raise WindowNotOpen(
                "征求意见尚未开始，%(when)s起可以提交。您写的内容仍在本页，可以先复制保存。",
                when=window.Moment(current.opens_at),
            )
        case window.WindowState.CLOSED:
            raise WindowNotOpen(
                "征求意见已于%(when)s截止，不能再提交。您写的内容仍在本页，可以复制保存；如有重要情况，请联系起草单位。",
                when=window.Deadline(current.closes_at),
            )


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment as somebody typed it. `quote_after` counts the characters that stand before a selected quotation."""

    stance: str
    body: str
    proposed_text: str = ""
    quote: str = ""
    quote_after: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A remark cleaned for keeping."""

    stance: Stance
    body: str
    proposed_text: str
    anchor: Anchor | None = None
    #: a quotation whose place was never kept
    quote: str = ""
    evidence_id: int | None = None

    @property
    def quoted(self) -> str:
        """The words of the clause this is about; empty when nothing is quoted."""
        return self.anchor.exact if self.anchor else self.quote


#: the columns that keep a quotation
QUOTED = ("quote", "quote_prefix", "quote_suffix", "quote_start", "quote_end")


def quotation_of(words: Words) -> dict[str, str | int | None]:
    """The quotation of a remark as the columns that keep it."""
    anchor = words.anchor
    return {
        "quote": words.quoted,
        "quote_prefix": anchor.prefix if anchor else "",
        "quote_suffix": anchor.suffix if anchor else "",
        "quote_start": anchor.start if anchor else None,
        "quote_end": anchor.end if anchor else None,
    }


def where_it_was(remark: Remark, clause: Clause | None, anchor: Anchor | None) -> Remark:
    """The remark of somebody who rewrites a comment whose quotation stood at `anchor`. A form that was filled from what
    was kept does not know the place; only words selected anew on the draft bring another."""
    if remark.quote_after is not None or clause is None or anchor is None:
        return remark
    return replace(remark, quote_after=before(clause.printed, anchor.start))


def checked(remark: Remark, clause: Clause | None) -> Words:
    """The remark cleaned for keeping. Raises NotValid naming what to change."""
    try:
        stance = Stance(remark.stance)
    except ValueError:
        raise NotValid("请选择您的态度。", fault="stance") from None
    body = plaintext.received_within(remark.body, LONGEST_BODY, "意见和理由", "body", plaintext.SPLIT)
    proposed = plaintext.received_within(remark.proposed_text, LONGEST_BODY, "修改后的文字", "proposed_text")
    if clause is not None and "".join(proposed.split()) == "".join(clause.wording.split()):
        proposed = ""  # the clause's own text, offered for editing and left as it was
    if not body and not proposed:
        raise NotValid("请写下您的意见，或直接修改条文。", fault="body")
    quote = plaintext.received_within(remark.quote, LONGEST_BODY, "引用原文", "quote")
    anchor = None
    if quote and clause is not None:
        anchor = anchored(quote, clause.printed, remark.quote_after)
        if anchor is None:
            raise NotValid("“针对的词句”不在这一条款里，请从条文里复制，或者留空。", fault="quote")
        quote = ""
    return Words(stance, body, proposed, anchor, quote)


def sendable(remark: Remark, clause: Clause | None) -> Words:
    """The remark as it is kept when it did not come through the basket. Raises NotValid as `checked` does."""
    words = checked(remark, clause)
    return replace(words, body=words.body or ONLY_PROPOSED)


def words_of(item: BasketItem) -> Words:
    """What a comment in the basket says, as it will be sent."""
    return Words(item.stance, item.body or ONLY_PROPOSED, item.proposed_text, item.anchor, item.quote, item.evidence_id)


class WrittenElsewhere(AlreadyDone):
    """The comment was changed, sent or removed meanwhile, in another tab or by a colleague; `item` is how it stands."""

    def __init__(self, sentence: str, item: BasketItem | None = None) -> None:
        super().__init__(sentence)
        self.item = item


def save(
    session: Session,
    seal: Seal,
    consultation: Consultation,
    clause: Clause | None,
    remark: Remark,
    *,
    code: str,
    key: str,
    revision: int,
    at: datetime,
) -> BasketItem:
    """Saves one comment into the basket of `code`, making the basket when there is none.

    `key` was made with the empty form and `revision` is what the form was filled from, 0 when it was empty. Saving the
    same words again changes nothing; other words over a newer revision raise WrittenElsewhere.
    """
    require_open(consultation, at)
    words = checked(remark, clause)
    found = _hold(session, seal, consultation, code, at)
    item = next((item for item in found.items if item.key == key), None)
    if item is not None:
        words = checked(where_it_was(remark, clause, item.anchor), clause)
    if item is None:
        if revision:
            raise WrittenElsewhere(
                "这一条已在别处提交或删除，您刚写的没有保存。再按一次“放入我的意见”，就另存为新的一条。"
            )
        if len(found.items) >= MOST_ITEMS:
            raise TooMany("一次最多提交%(most)s条意见，请先提交这些。", most=MOST_ITEMS)
        item = BasketItem(clause=clause, key=key, revision=0, stance=words.stance, body="", proposed_text="", quote="")
        found.items.append(item)
    elif _is_said(item, words):
        return item
    elif item.revision != revision:
        raise WrittenElsewhere(
            "这一条刚在别处改过，您刚写的没有保存。请比较两份，再按一次“放入我的意见”就换成您这一份。", item
        )
    _write(item, words, at)
    found.touched_at = at
    session.flush()
    return item


def _is_said(item: BasketItem, words: Words) -> bool:
    said = (item.stance, item.body, item.proposed_text, item.anchor, item.quote)
    return said == (words.stance, words.body, words.proposed_text, words.anchor, words.quote or item.quote)


def _write(item: BasketItem, words: Words, at: datetime) -> None:
    item.stance, item.body, item.proposed_text = words.stance, words.body, words.proposed_text
    item.anchor = words.anchor
    item.quote = words.anchor.exact if words.anchor else words.quote
    item.revision += 1
    item.written_at = at


def new_key() -> str:
    """What tells one empty form from another."""
    return secrets.token_hex(8)


def add_item(
    session: Session,
    seal: Seal,
    consultation: Consultation,
    clause: Clause | None,
    remark: Remark,
    *,
    code: str,
    at: datetime,
) -> BasketItem:
    """Puts one more comment into the basket of `code`."""
    return save(session, seal, consultation, clause, remark, code=code, key=new_key(), revision=0, at=at)


def _hold(session: Session, seal: Seal, consultation: Consultation, code: str, at: datetime) -> Basket:
    """The basket of a code, locked until the commit, made when there is none.

    The consultation's row is the turnstile: of two first comments with one code, and of a comment and the sending
    of its basket, the second then finds what the first has done.
    """
    session.execute(select(Consultation.id).where(Consultation.id == consultation.id).with_for_update(key_share=True))
    found = basket(session, seal, consultation.id, code)
    if found is None:
        found = Basket(
            consultation_id=consultation.id, code_trace=trace(seal, code), created_at=at, touched_at=at, items=[]
        )
        session.add(found)
    return found


def not_resumable(session: Session, seal: Seal, code: str) -> NotThere:
    """Why there is nothing to go on with under this code: it was sent, or is no code of this consultation."""
    sent = session.execute(
        select(Submission.receipt_number, Submission.received_at).where(
            Submission.basket_code_trace == trace(seal, code)
        )
    ).one_or_none()
    if sent is None:
        return NotThere(
            "没有找到这个续写码的意见。请核对12位字母和数字，并确认是在这次征求意见中写的；已经提交的，请凭受理编号查询。"
        )
    return NotThere(
        "这个续写码里的意见已于%(when)s提交，受理编号%(number)s，请凭它和查询码查询。",
        when=window.Moment(sent.received_at),
        number=sent.receipt_number,
    )


def join(session: Session, seal: Seal, consultation: Consultation, code: str, into: str, at: datetime) -> None:
    """Moves what one code opens into the basket of another: taking up a basket loses nothing written here.

    Raises NotThere, saying what to check, when there is no basket of the code `into`.
    """
    session.execute(select(Consultation.id).where(Consultation.id == consultation.id).with_for_update(key_share=True))
    target = basket(session, seal, consultation.id, into)
    if target is None:
        raise not_resumable(session, seal, into)
    mine = basket(session, seal, consultation.id, code)
    if mine is None or mine.id == target.id:
        return
    taken = {item.key for item in target.items}
    for item in list(mine.items):
        mine.items.remove(item)
        if item.key in taken:
            item.key = new_key()
        target.items.append(item)
    target.touched_at = at
    session.flush()
    session.delete(mine)
    session.flush()


def change_item(session: Session, item: BasketItem, remark: Remark, at: datetime, revision: int | None = None) -> None:
    """Rewrites a comment that has not been sent. Raises WrittenElsewhere when `revision` is not what it stands at."""
    if session.scalar(select(BasketItem.id).where(BasketItem.id == item.id).with_for_update(key_share=True)) is None:
        raise NotThere("这条意见不在“我的意见”里，可能已经删除或提交。")
    session.refresh(item, ["revision", "stance", "body", "proposed_text", *QUOTED])
    words = checked(where_it_was(remark, item.clause, item.anchor), item.clause)
    if revision is not None and item.revision != revision and not _is_said(item, words):
        raise WrittenElsewhere(
            "这一条刚在别处改过，您刚写的没有保存。请比较两份，再按一次“保存修改”就换成您这一份。", item
        )
    _write(item, words, at)
    item.basket.touched_at = at
    session.flush()


def attach(
    session: Session, seal: Seal, consultation: Consultation, item: BasketItem, data: bytes, name: str, at: datetime
) -> None:
    """Puts a file beside a comment that has not been sent, in place of the one before. Raises NotValid, TooMany."""
    upload = uploads.checked(data, name, "evidence")
    held = [other for other in item.basket.items if other.evidence_id is not None and other is not item]
    if len(held) >= MOST_EVIDENCE:
        raise TooMany("依据材料最多%(most)s份，请合并后再上传。", most=MOST_EVIDENCE)
    detach(session, item, at)
    item.evidence = attachments.keep(session, seal, consultation.id, AttachmentPurpose.EVIDENCE, upload, at)
    item.written_at = item.basket.touched_at = at
    session.flush()


def detach(session: Session, item: BasketItem, at: datetime) -> None:
    """Takes the file away again."""
    evidence, item.evidence = item.evidence, None
    if evidence is not None:
        session.flush()
        session.delete(evidence)
        item.written_at = item.basket.touched_at = at
    session.flush()


def remove_item(session: Session, item: BasketItem, revision: int | None = None) -> None:
    """Takes a comment out of the basket, with its file. Raises AlreadyDone when `revision` is not what it stands at."""
    if revision is not None and item.revision != revision:
        raise AlreadyDone("这一条刚在别处改过，没有删除。请看一看现在的内容，再决定是否删除。")
    evidence = item.evidence
    item.basket.items.remove(item)
    session.flush()
    if evidence is not None:
        session.delete(evidence)
        session.flush()
