"""What the queue is sifted by, as a value; the same value says which comments an act on many is about."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.models import Comment, DeskTally, Tally
from portal.rules.urgency import Flag, Urgency
from portal.rules.words import Channel, CommentState, RespondentKind, Stance

#: what the desk can be asked for by flag, and what it is called
MARKS = ("personal", "advert", "appeal", "confirmation")


#: what waits, said by state, so that the key of the tally leads to each
_WAITING: tuple[tuple[ColumnElement[bool], ...], ...] = (
    (DeskTally.state == CommentState.PENDING.value,),
    (DeskTally.state == CommentState.PUBLISHED.value, DeskTally.urgency == int(Urgency.CONFIRMATION)),
    (DeskTally.state == CommentState.WITHHELD.value, DeskTally.urgency == int(Urgency.APPEAL)),
)


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which comments. `state` None: whatever waits for the desk. `place` is a clause's id, 0 the draft as a whole."""

    state: CommentState | None = None
    place: int | None = None
    channel: Channel | None = None
    kind: RespondentKind | None = None
    stance: Stance | None = None
    campaign: int | None = None
    mark: str = ""
    #: only what was handed to this account
    assignee: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is about what waits for the desk."""
        return self.state is None

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the state is asked for."""
        return self == Sieve(state=self.state)

    def kept(self) -> dict[str, Any]:
        """The sieve as it is stored."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Sieve:
        """A stored sieve. Anything it does not know is left out."""
        return cls(
            state=_member(CommentState, kept.get("state")),
            place=kept.get("place"),
            channel=_member(Channel, kept.get("channel")),
            kind=_member(RespondentKind, kept.get("kind")),
            stance=_member(Stance, kept.get("stance")),
            campaign=kept.get("campaign"),
            mark=kept["mark"] if kept.get("mark") in MARKS else "",
            assignee=kept.get("assignee"),
        )

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a comment has to fulfil, the consultation apart."""
        found: list[ColumnElement[bool]] = []
        if self.state is not None:
            found.append(Comment.state == self.state)
        elif self.campaign is not None:
            # along the index of campaigns: of a campaign waits what is pending
            found.append(Comment.state == CommentState.PENDING)
        else:
            found.append(Comment.urgency.is_not(None))
        if self.place is not None:
            found.append(Comment.clause_id == self.place if self.place else Comment.clause_id.is_(None))
        for column, value in (
            (Comment.channel, self.channel),
            (Comment.respondent_kind, self.kind),
            (Comment.stance, self.stance),
            (Comment.campaign_id, self.campaign),
            (Comment.assignee_id, self.assignee),
        ):
            if value is not None:
                found.append(column == value)
        match self.mark:
            case "personal":
                found.append(Comment.flags.op("&")(int(Flag.PERSONAL)) != 0)
            case "advert":
                found.append(Comment.flags.op("&")(int(Flag.ADVERT)) != 0)
            case "appeal":
                found.append(Comment.urgency == Urgency.APPEAL)
            case "confirmation":
                found.append(Comment.urgency == Urgency.CONFIRMATION)
        return found

    def tallied(self) -> list[ColumnElement[bool]]:
        """The same of a row of the tally, the state apart; campaign and assignee are not in it."""
        found: list[ColumnElement[bool]] = []
        if self.place is not None:
            found.append(DeskTally.place == self.place)
        for column, value in (
            (DeskTally.channel, self.channel),
            (DeskTally.kind, self.kind),
            (DeskTally.stance, self.stance),
        ):
            if value is not None:
                found.append(column == value.value)
        match self.mark:
            case "personal":
                found.append(DeskTally.flags.op("&")(int(Flag.PERSONAL)) != 0)
            case "advert":
                found.append(DeskTally.flags.op("&")(int(Flag.ADVERT)) != 0)
            case "appeal":
                found.append(DeskTally.urgency == int(Urgency.APPEAL))
            case "confirmation":
                found.append(DeskTally.urgency == int(Urgency.CONFIRMATION))
        return found

    def states(self) -> tuple[tuple[ColumnElement[bool], ...], ...]:
        """The rows of the tally in question, each part along its key."""
        return _WAITING if self.state is None else ((DeskTally.state == self.state.value,),)


def _member(kind: Any, value: Any) -> Any:
    try:
        return kind(value) if value else None
    except ValueError:
        return None


def counts(session: Session, consultation_ids: list[int], sieve: Sieve) -> dict[int, int]:
    """How many comments these are in each consultation, exactly.

    The tally answers; campaign and assignee are counted along their index.
    """
    found: dict[int, int] = {}
    if sieve.campaign is not None or sieve.assignee is not None:
        query = (
            select(Comment.consultation_id, func.count())
            .where(along_index(sieve, consultation_ids), *sieve.conditions())
            .group_by(Comment.consultation_id)
        )
        return {each: int(number) for each, number in session.execute(query)}
    parts = sieve.states()
    if sieve.is_plain:
        # by state alone the smaller tally answers: a row for each clause
        state = sieve.state or CommentState.PENDING
        found = _by_state(session, consultation_ids, state)
        parts = parts[1:]
    for part in parts:
        query = (
            select(DeskTally.consultation_id, func.sum(DeskTally.count))
            .where(DeskTally.consultation_id.in_(consultation_ids), *part, *sieve.tallied())
            .group_by(DeskTally.consultation_id)
        )
        for each, number in session.execute(query):
            found[each] = found.get(each, 0) + int(number)
    return {each: number for each, number in found.items() if number}


def _by_state(session: Session, consultation_ids: list[int], state: CommentState) -> dict[int, int]:
    column = getattr(Tally, state.value)
    rows = session.execute(
        select(Tally.consultation_id, func.sum(column))
        .where(Tally.consultation_id.in_(consultation_ids))
        .group_by(Tally.consultation_id)
    )
    return {each: int(number) for each, number in rows}


def along_index(sieve: Sieve, consultation_ids: list[int]) -> ColumnElement[bool]:
    """The condition on the consultation; hidden from the planner where campaign or assignee lead to fewer rows."""
    if sieve.campaign is None and sieve.assignee is None:
        return Comment.consultation_id.in_(consultation_ids)
    return (Comment.consultation_id + 0).in_(consultation_ids)


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing the queue can be sifted by: its name in the address, and each value with how many there are."""

    name: str
    values: list[tuple[str, int]]


def facets(session: Session, consultation_ids: list[int], sieve: Sieve) -> list[Facet]:
    """What the queue can be sifted by further, with exact counts: one look at the tally."""
    columns = (DeskTally.place, DeskTally.channel, DeskTally.kind, DeskTally.stance, DeskTally.flags, DeskTally.urgency)
    where = (DeskTally.consultation_id.in_(consultation_ids), DeskTally.count > 0, *sieve.tallied())
    counts: dict[str, dict[str, int]] = {name: {} for name in ("place", "channel", "kind", "stance", "mark")}

    def add(name: str, value: str, number: int) -> None:
        counts[name][value] = counts[name].get(value, 0) + number

    rows = [
        row
        for part in sieve.states()
        for row in session.execute(select(*columns, DeskTally.count).where(*where, *part))
    ]
    for place, channel, kind, stance, flags, urgency, number in rows:
        for name, value in (("place", str(place)), ("channel", channel), ("kind", kind), ("stance", stance)):
            if value:
                add(name, value, number)
        if flags & Flag.PERSONAL:
            add("mark", "personal", number)
        if flags & Flag.ADVERT:
            add("mark", "advert", number)
        if urgency == Urgency.APPEAL:
            add("mark", "appeal", number)
        if urgency == Urgency.CONFIRMATION:
            add("mark", "confirmation", number)
    return [Facet(name, list(values.items())) for name, values in counts.items() if values]
