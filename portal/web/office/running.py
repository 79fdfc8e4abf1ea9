"""For whoever runs the site: how it is doing, letters that could not be delivered, periods, and the mail server."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal import mail
from portal.access import Permission
from portal.errors import NotValid
from portal.models import Account, LastRun, OutgoingEmail
from portal.rules import health, masking, window
from portal.rules import retention as rules
from portal.rules.words import DeliveryState, JobState
from portal.services import (
    dead_letters,
    holidays,
    last_runs,
    measuring,
    outbox,
    people,
    rescanning,
    retention,
    retention_periods,
)
from portal.web import gate, limits, scanned_files, site
from portal.web.gate import actor, asked_number, broker, commit, database, now, permit, seal, session, settings
from portal.web.office.forms import MailTestForm, PeriodsForm
from portal.web.operations import revisions
from portal.web.shared_limits import SharedBuckets

blueprint = Blueprint("running", __name__, url_prefix="/office/running")


@blueprint.get("/")
@permit(Permission.OPERATE)
def overview() -> str:
    """How the site is doing at this moment, the worst first."""
    found = measuring.measure(session(), now())
    runs = last_runs.all_of_them(session())
    head, current = revisions()
    disk = shutil.disk_usage(settings().data_dir)
    scanner = scanned_files.scanner()
    today = window.day_in_beijing(now())
    queue = broker()
    queued = queue.length() if queue else None
    facts = health.Facts(
        at=now(),
        worker_at=_ran(runs, last_runs.WORKER),
        backup_at=_ran(runs, last_runs.BACKUP),
        retention_at=_ran(runs, last_runs.RETENTION),
        is_schema_current=head == current,
        letters_given_up=found.letters_given_up,
        oldest_letter=found.oldest_letter,
        jobs_failed=found.jobs[JobState.FAILED],
        oldest_job=found.oldest_job,
        webhooks=found.webhooks,
        deliveries_dead=found.deliveries[DeliveryState.DEAD],
        oldest_delivery=found.oldest_delivery,
        disk_free=disk.free,
        disk_size=disk.total,
        is_redis_there=_redis(),
        is_broker_there=queued is not None if queue else None,
        consumer_at=_ran(runs, last_runs.CONSUMER),
        clock_apart=_clock(runs),
        is_scanner_there=scanner.answers() if scanner else None,
        today=(today.year, today.month, today.day),
        known_years=frozenset(holidays.calendar(session()).years),
    )
    order = list(health.Standing)[::-1]
    return render_template(
        "office/running.html",
        judged=sorted(health.judged(facts), key=lambda pair: order.index(pair[1])),
        facts=facts,
        found=found,
        jobs={state.value: number for state, number in found.jobs.items()},
        runs=runs,
        queued=queued,
        waiting=DeliveryState.WAITING,
        is_clock_wrong=health.is_clock_wrong(facts.clock_apart),
        unscanned=rescanning.count(session()),
        revision=current,
        keys=seal().keys,
        sealing=seal().head,
        database_kind=database().engine.dialect.name,
    )


def _ran(runs: dict[str, LastRun], name: str) -> datetime | None:
    return runs[name].ran_at if name in runs else None


def _clock(runs: dict[str, LastRun]) -> float | None:
    """How far apart from the database server's this server's clock is, or the worker's, whichever is farther."""
    apart = [database().clock_apart()]
    if last_runs.WORKER in runs:
        apart.append(runs[last_runs.WORKER].outcome.get("clock_apart"))
    return max((each for each in apart if each is not None), key=abs, default=None)


def _redis() -> bool | None:
    kept = limits.buckets()
    return kept.answers() if isinstance(kept, SharedBuckets) else None


@blueprint.get("/letters")
@permit(Permission.OPERATE)
def letters() -> str:
    """The letters that wait for a person."""
    return _letters()


def _letters(fault: str = "", about: int = 0) -> str:
    waiting = dead_letters.listed(session(), seal(), actor(), asked_number("before") or 0)
    return render_template(
        "office/letters.html",
        waiting=waiting,
        total=dead_letters.waiting(session()),
        late=dead_letters.late(session(), seal(), actor()),
        settled=dead_letters.given_up(session(), seal(), actor()),
        before=waiting[-1].letter.id if len(waiting) == dead_letters.PAGE else None,
        most=outbox.GIVEN_UP_AFTER,
        fault=fault,
        about=about,
    )


@blueprint.post("/letters/again")
@permit(Permission.OPERATE)
def send_all_again() -> Response:
    """Try all of them again: the mail server was away and is back."""
    number = dead_letters.send_all_again(session(), actor(), now())
    commit()
    return redirect(url_for(".letters", again=number))


@blueprint.post("/letters/<int:letter_id>/again")
@permit(Permission.OPERATE)
def send_again(letter_id: int) -> Response:
    """Try one again."""
    dead_letters.send_again(session(), actor(), dead_letters.letter(session(), actor(), letter_id), now())
    commit()
    return redirect(url_for(".letters", again=1))


@blueprint.post("/letters/<int:letter_id>/give-up")
@permit(Permission.OPERATE)
def give_up(letter_id: int) -> Response | tuple[str, int]:
    """Decide that one is not sent any more."""
    found = dead_letters.letter(session(), actor(), letter_id)
    try:
        dead_letters.give_up(session(), actor(), found, request.form.get("reason", ""), now())
    except NotValid as refusal:
        session().rollback()
        return _letters(gettext(refusal.sentence), letter_id), 422
    commit()
    return redirect(url_for(".letters", settled=1))


@blueprint.route("/retention", methods=["GET", "POST"])
@permit(Permission.OPERATE)
def periods() -> str | Response | tuple[str, int]:
    """For how long data about people is kept: shown, looked at beforehand, then put in force."""
    log_days = settings().log_days or rules.LOG.usual
    in_force = retention_periods.periods(session(), log_days)
    form = PeriodsForm(
        formdata=request.form if request.method == "POST" else None,
        data={period.key: str(in_force.days(period)) for period in rules.PERIODS},
    )
    if request.method == "GET":
        return _periods(form, in_force, in_force)
    try:
        given = {period.key: form.typed(period.key) for period in rules.PERIODS}
        chosen = retention_periods.proposed(session(), given, now(), log_days)
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _periods(form, in_force, in_force), 422
    # what is confirmed is what was looked at: other figures are shown first
    if request.form.get("act") != "keep" or request.form.get("seen") != _figures(chosen):
        return _periods(form, chosen, in_force, is_preview=chosen != in_force)
    retention_periods.keep(session(), actor(), chosen, now(), log_days)
    commit()
    site.forget()
    return redirect(url_for(".periods", kept=1))


def _figures(chosen: rules.Periods) -> str:
    return " ".join(str(chosen.days(period)) for period in rules.PERIODS)


def _periods(form: PeriodsForm, chosen: rules.Periods, in_force: rules.Periods, *, is_preview: bool = False) -> str:
    return render_template(
        "office/retention.html",
        form=form,
        items=rules.PERIODS,
        proposed=chosen,
        in_force=in_force,
        is_preview=is_preview,
        seen=_figures(chosen),
        due=retention.due(session(), chosen, now()),
        coming=retention_periods.coming(session(), chosen),
        run=last_runs.all_of_them(session()).get(last_runs.RETENTION),
        has_log=settings().log_days > 0,
        now=now(),
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    """A try of the mail server, as the page shows it."""

    steps: list[str]
    fault: str


@blueprint.get("/mail")
@permit(Permission.OPERATE)
def mail_test() -> str:
    """How mail is sent, and what became of the last test."""
    return _mail(MailTestForm(formdata=None))


def _mine() -> Account:
    return session().get_one(Account, actor().account_id)


def _mail(form: MailTestForm, tried: _Tried | None = None) -> str:
    mine = _mine()
    asked = asked_number("letter")
    letter = session().get(OutgoingEmail, asked) if asked else None
    if letter is not None and letter.kind != "test":
        letter = None
    return render_template(
        "office/mail_test.html",
        form=form,
        own=masking.mask("email", seal().open(mine.email_sealed, people.EMAIL_CONTEXT)) if mine.email_sealed else "",
        mail=settings(),
        tried=tried,
        test=dead_letters.shown(seal(), letter) if letter else None,
    )


@blueprint.post("/mail/connection")
@permit(Permission.OPERATE)
def try_server() -> str:
    """Connect to the mail server without sending anything; the database is let go first."""
    gate.look_only()
    gate.begin_writing()
    found = mail.try_server(settings())
    steps = list(mail.STEPS[: mail.STEPS.index(found.reached) + 1]) if found.reached else []
    gate.look_only()
    return _mail(MailTestForm(formdata=None), _Tried(steps, dead_letters.masked(found.fault)))


@blueprint.post("/mail/letter")
@permit(Permission.OPERATE)
def send_test() -> str | Response | tuple[str, int]:
    """Send one letter to one's own address, by the way every letter goes."""
    form = MailTestForm()
    mine = _mine()
    try:
        if not mine.email_sealed:
            people.keep_own_email(session(), seal(), mine, form.typed("email"), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _mail(form), 422
    letter = outbox.owe(
        session(), seal(), kind="test", recipient=seal().open(mine.email_sealed, people.EMAIL_CONTEXT),
        subject=gettext("%(site)s：测试邮件", site=site.current().name),
        body=gettext("这是一封测试邮件，由系统管理员在“邮件”页面发出。收到它，说明网站能够发出邮件。"), at=now(),
    )  # fmt: skip
    commit()
    letter_id = letter.id
    gate.begin_writing()
    # at once and not by the worker: the page says what the server answered
    mail.deliver_one(current_app._get_current_object(), letter_id, now())  # type: ignore[attr-defined]
    return redirect(url_for(".mail_test", letter=letter_id))
