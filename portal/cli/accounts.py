"""`flask accounts …`: staff accounts."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup
from sqlalchemy import select

from portal.access import Role
from portal.cli.shell import database, give_up, refuses, say
from portal.models import Bureau
from portal.services import accounts

group = AppGroup("accounts", help="Staff accounts.")


@group.command("create")
@click.argument("login")
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--bureau", "bureau_code", required=True, help="The code of the bureau; made with --bureau-name.")
@click.option("--bureau-name", default="", help="Makes the bureau when there is none of that code.")
@refuses
def create(login: str, name: str, role: str, bureau_code: str, bureau_name: str) -> None:
    """Make an account and print its first password."""
    password = accounts.easy_password()
    with database().transaction() as session:
        bureau = session.scalar(select(Bureau).where(Bureau.code == bureau_code))
        if bureau is None:
            if not bureau_name:
                give_up(f"There is no bureau {bureau_code!r}; give --bureau-name to make it.")
            bureau = Bureau(code=bureau_code, name=bureau_name, short_name=bureau_name)
            session.add(bureau)
        accounts.create(
            session, login=login, name=name, role=Role(role), bureau=bureau, password=password, at=datetime.now(UTC)
        )
    say({"login": login, "password": password})
