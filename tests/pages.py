"""A test client that reads pages as a careful person does: every page it is given must be sound."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

#: faults of the parser that say nothing about the page
_HARMLESS: set[str] = set()


class Page:
    """A parsed HTML page."""

    def __init__(self, text: str) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(text)
        self.text = " ".join("".join(self.root.itertext()).split())
        self.source = text
        self.faults = [fault for _, fault, _ in parser.errors if fault not in _HARMLESS]

    def all(self, tag: str) -> list[Element]:
        return list(self.root.iter(tag))

    def check(self) -> None:
        """Fails for a page a person could not use: broken HTML, no title, fields without labels, inline styles."""
        assert not self.faults, self.faults
        title = self.root.find("head/title")
        assert title is not None
        assert (title.text or "").strip(" -")
        ids = [element.get("id") for element in self.root.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), sorted({i for i in ids if ids.count(i) > 1})
        labels = {label.get("for") for label in self.all("label")}
        wrapped = {id(field) for label in self.all("label") for field in label.iter()}
        for field in [*self.all("input"), *self.all("textarea"), *self.all("select")]:
            if field.get("type") == "hidden" or id(field) in wrapped:
                continue
            assert field.get("id") in labels or field.get("aria-label"), f"no label: {field.attrib}"
        for form in self.all("form"):
            if (form.get("method") or "").lower() == "post":
                assert any(f.get("name") == "csrf_token" for f in form.iter("input")), f"no token: {form.attrib}"
        for element in self.root.iter():
            assert "style" not in element.attrib, element.attrib
            assert not any(name.startswith("on") for name in element.attrib), element.attrib
        for script in self.all("script"):
            assert script.get("src"), "an inline script"
        headings = [int(e.tag[1]) for e in self.root.iter() if re.fullmatch(r"h[1-6]", str(e.tag))]
        assert headings.count(1) == 1, f"{headings.count(1)} headings of the first level"


class Browser(FlaskClient):
    """Follows no scripts, keeps cookies, sends the form token it saw last, and checks each page."""

    token: str = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if (
            isinstance(kwargs.get("data"), dict)
            and kwargs.get("method") == "POST"
            and "csrf_token" not in kwargs["data"]
        ):
            kwargs["data"] = {**kwargs["data"], "csrf_token": self._token()}
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data.startswith(b"<!doctype"):
            Page(response.get_data(as_text=True)).check()
        return response

    def _token(self) -> str:
        if not self.token:
            page = super().open("/receipts/", method="GET").get_data(as_text=True)
            found = re.search(r'name="csrf_token" value="([^"]+)"', page)
            assert found
            self.token = found.group(1)
        return self.token

    def page(self, url: str) -> Page:
        """The page at an address, which must be there."""
        response = self.get(url)
        assert response.status_code == 200, (url, response.status_code, response.headers.get("Location"))
        return Page(response.get_data(as_text=True))

    def sign_in(self, login: str) -> Browser:
        """This browser, signed in to the office."""
        from tests.factories import PASSWORD

        answer = self.post("/office/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 302, answer.status_code
        return self
