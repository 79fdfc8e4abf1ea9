"""Three ways to use a page: by pointing, by keyboard alone, and without scripts (which is pointing, too)."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

#: more presses of Tab than any page of the portal has places to stop at
MANY = 700


def follow(page: Page, on: Locator, key: str | None = None) -> None:
    """Presses what leads to another page and waits for that page: whoever looks at once would see the one before."""
    with page.expect_navigation():
        on.press(key) if key else on.click()


class Pointing:
    """Presses and types as with a mouse or a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, on: Locator) -> None:
        on.click()

    def choose(self, on: Locator) -> None:
        on.check()

    def type(self, into: Locator, words: str) -> None:
        into.fill(words)

    def replace(self, into: Locator, old: str, new: str) -> None:
        """Changes some words of what stands in a field."""
        into.fill(into.input_value().replace(old, new))


class Keyboard(Pointing):
    """Uses nothing but keys: Tab until the thing has the focus, then what a keyboard does."""

    def reach(self, on: Locator) -> None:
        """Moves the focus to it, forwards from where it is. Fails when the keyboard never comes by."""
        wanted = on.element_handle()
        is_here = "wanted => document.activeElement === wanted"
        for _ in range(MANY):
            if self.page.evaluate(is_here, wanted):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {on}")

    def press(self, on: Locator) -> None:
        self.reach(on)
        self.page.keyboard.press("Enter")

    def choose(self, on: Locator) -> None:
        if on.get_attribute("type") == "checkbox":
            self.reach(on)
            self.page.keyboard.press("Space")
            return
        # of radio buttons Tab comes by one only; the arrows go to the others
        name, value = on.get_attribute("name"), on.get_attribute("value")
        form = on.locator("xpath=ancestor::form")
        self.reach(form.locator(f"input[name={name}]:checked"))
        for _ in range(10):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {value}")

    def type(self, into: Locator, words: str) -> None:
        self.reach(into)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(words)

    def replace(self, into: Locator, old: str, new: str) -> None:
        self.type(into, into.input_value().replace(old, new))
