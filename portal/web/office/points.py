"""The points of a consultation: which clauses have how many, and one clause with its points to be put in order."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Clause, Consultation
from portal.rules import plaintext
from portal.rules.words import PointKind
from portal.services import desk, points, sorting, wording
from portal.web import display
from portal.web.gate import LARGEST, actor, commit, now, permit, session, settings

blueprint = Blueprint("points", __name__, url_prefix="/office/consultations/<slug>/points")

#: how an address calls the draft as a whole
WHOLE = "all"


@blueprint.get("/")
@permit(Permission.SORT_POINTS)
def index(slug: str) -> str:
    """Every clause that has points, and how far the machine is."""
    consultation = desk.consultation(session(), actor(), slug)
    found = points.stored(session(), consultation)
    return render_template(
        "office/points.html",
        consultation=consultation,
        found=found,
        counts=points.counts(found),
        kinds=PointKind,
        ungathered=points.without_point(session(), consultation),
        published=points.published(session(), consultation),
        is_gathering=points.is_being_gathered(session(), consultation),
        whole=WHOLE,
    )


@blueprint.post("/")
@permit(Permission.SORT_POINTS)
def gather(slug: str) -> Response:
    """Ask for the points to be made again."""
    consultation = desk.consultation(session(), actor(), slug)
    points.ask(session(), consultation, now(), actor())
    commit()
    return redirect(url_for(".index", slug=slug))


@blueprint.get("/<label>")
@permit(Permission.SORT_POINTS)
def on_clause(slug: str, label: str) -> str:
    """One clause and its points."""
    return _page(desk.consultation(session(), actor(), slug), label)


@dataclass(frozen=True, slots=True)
class Naming:
    """A name that was typed for a point and could not be kept, and the stamp of the one it was to replace."""

    key: str
    words: str
    seen: str


def _page(consultation: Consultation, label: str, fault: str = "", naming: Naming | None = None) -> str:
    clause = _clause(consultation, label)
    found = sorting.on_clause(
        session(), actor(), consultation, clause.id if clause else None, request.args.get("point", "")
    )
    places = [None, *consultation.version.clauses]
    stored = points.stored(session(), consultation)
    with_points = [each for each in places if stored.get(each.id if each else None)]
    at = next((n for n, each in enumerate(with_points) if (each.label if each else WHOLE) == label), None)
    return render_template(
        "office/points_on_clause.html",
        consultation=consultation,
        clause=clause,
        label=label,
        found=found,
        fault=fault,
        naming=naming,
        stamp=plaintext.stamp,
        kinds=PointKind,
        may_propose=bool(settings().wording_url),
        proposing=wording.newest_jobs(session(), consultation) if settings().wording_url else {},
        before=with_points[at - 1] if at else None,
        has_before=bool(at),
        after=with_points[at + 1] if at is not None and at + 1 < len(with_points) else None,
        is_gathering=points.is_being_gathered(session(), consultation),
        whole=WHOLE,
    )


def _clause(consultation: Consultation, label: str) -> Clause | None:
    if label == WHOLE:
        return None
    clause = next((each for each in consultation.version.clauses if each.label == label), None)
    if clause is None:
        raise NotThere("没有这个条款。")
    return clause


@blueprint.post("/<label>")
@permit(Permission.SORT_POINTS)
def correct(slug: str, label: str) -> Response | tuple[str, int]:
    """Merge, split, move, rename or mark; what cannot be done is said above the points."""
    consultation = desk.consultation(session(), actor(), slug)
    key = request.form.get("point", "")[:64]
    numbers = [number for number in request.form.getlist("number", type=int) if 0 < number <= LARGEST]
    naming = None
    try:
        match request.form.get("act"):
            case "merge":
                key = sorting.merge(session(), actor(), consultation, request.form.getlist("key"), now()).key
            case "split":
                key = sorting.split(session(), actor(), consultation, key, numbers, now()).key
            case "move":
                key = sorting.move(session(), actor(), consultation, numbers, request.form.get("to", ""), now()).key
            case "rename":
                name, seen = request.form.get("name", ""), request.form.get("seen", "")
                naming = Naming(key, name, seen)
                sorting.rename(session(), actor(), consultation, key, name, now(), seen)
            case "mark":
                sorting.mark(session(), actor(), consultation, key, request.form.get("is_key") == "1", now())
            case "propose" if settings().wording_url:
                wording.ask(session(), actor(), consultation, key, now())
            case _:
                raise NotThere("没有这一步。")
    except (NotValid, AlreadyDone) as refusal:
        session().rollback()
        consultation = desk.consultation(session(), actor(), slug)
        is_collision = isinstance(refusal, AlreadyDone)
        if is_collision and naming is not None:  # who was told has seen what stands
            naming = replace(naming, seen="")
        return _page(consultation, label, display.sentence(refusal), naming), 409 if is_collision else 400
    commit()
    return redirect(url_for(".on_clause", slug=slug, label=label) + f"#p-{key}")
