"""What the portal will not do, each with one sentence fit for the screen.

A sentence is Chinese with %(name)s places; the web floor translates the sentence and then fills the places,
so a refusal raised in a service reads well in every language of the interface.
"""

from __future__ import annotations


class Refusal(Exception):
    """Something that will not be done: `sentence` says what happened and what to do, `places` fills it."""

    def __init__(self, sentence: str, **places: object) -> None:
        self.sentence = sentence
        self.places = places
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The sentence in Chinese with its places filled."""
        return self.sentence % self.places if self.places else self.sentence


class Unreadable(Refusal):
    """A file that cannot be read as a draft."""


class NotValid(Refusal):
    """Something that was typed needs to be changed; `fault` names the field when there is one."""

    def __init__(self, sentence: str, fault: str = "", **places: object) -> None:
        self.fault = fault
        super().__init__(sentence, **places)


class Faults(NotValid):
    """Several things that were typed need to be changed, each with the field it belongs to."""

    def __init__(self, faults: list[NotValid]) -> None:
        self.faults = faults
        super().__init__(faults[0].sentence, faults[0].fault, **faults[0].places)


class WindowNotOpen(Refusal):
    """The comment window has not begun or is over."""


class NotAllowed(Refusal):
    """This person may not do this."""


class SignedOut(Refusal):
    """The sign-in ended while somebody was writing."""


class NoKey(Refusal):
    """The JSON interface was asked for something without a key that holds."""


class Frozen(Refusal):
    """What was published does not change."""


class AlreadyDone(Refusal):
    """Somebody, perhaps the same person, has done this already."""


class NotThere(Refusal):
    """There is no such thing, or this person may not know of it."""


class TooMany(Refusal):
    """Asked too often; nothing typed is lost."""
