"""What every command shares: the app's organs, JSON out, and one clear line for bad input."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

import click
from flask import current_app

from portal.config import Settings
from portal.db import Database
from portal.errors import Refusal
from portal.rules import health
from portal.sealing import Seal

P = ParamSpec("P")
R = TypeVar("R")


def settings() -> Settings:
    """The settings of the application the command runs in."""
    return cast(Settings, current_app.extensions["settings"])


def database() -> Database:
    """Its database."""
    return cast(Database, current_app.extensions["database"])


def seal() -> Seal:
    """Its seal."""
    return cast(Seal, current_app.extensions["seal"])


def say(value: Any) -> None:
    """Prints a value as JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def tell(message: str) -> None:
    """Prints a message on standard error."""
    click.echo(message, err=True)


def give_up(message: str) -> NoReturn:
    """Ends the command for bad input: one line on standard error, exit code 2."""
    tell(message)
    sys.exit(2)


def require_clock() -> None:
    """Ends the command when this machine's clock is not where the database server's is: what it does stays done."""
    apart = database().clock_apart()
    if apart is not None and health.is_clock_wrong(apart):
        give_up(f"The clock is {apart:+.0f} seconds apart from the database server's. Put it right first.")


def refuses(command: Callable[P, R]) -> Callable[P, R]:
    """Turns a refusal into one clear line and exit code 2."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            give_up(refusal.message)

    return guarded
