"""The pages of keys: shown once, ended at once, and only by whom they concern."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from portal.models import ApiKey
from tests import factories
from tests.web.test_api_writing import HANDING, QUEUE, SUBMISSION, bearer


def shown(answer):
    assert answer.status_code == 200, answer.text
    return re.search(r"\bcp[ks]_[0-9a-f]{12}_[\w-]{40,}", answer.text).group()


def made(app, **changes):
    fields = {"name": "市政府客户端", "bureau": "1", "scopes": "submissions:write", "per_minute": "60"}
    return app.test_client().sign_in("administrator").post("/office/keys/new", data={**fields, **changes})


def test_a_key_is_shown_once_and_works_until_it_is_revoked(app, site):
    key = shown(made(app))
    administrator = app.test_client().sign_in("administrator")
    page = administrator.page("/office/keys/")
    assert "市政府客户端" in page.text
    assert key not in page.source
    assert key.rsplit("_", 1)[0] in page.source or key[:16] in page.source
    client = app.test_client()
    assert client.post(HANDING, json=SUBMISSION, headers=bearer(key)).status_code == 201
    assert "1件" in administrator.page("/office/keys/").text
    assert administrator.post("/office/keys/1/revoke", data={}).status_code == 302
    assert client.post(HANDING, json=SUBMISSION, headers=bearer(key)).status_code == 401
    assert administrator.post("/office/keys/1/revoke", data={}).status_code == 409


@pytest.mark.parametrize(
    ("role", "address", "fields"),
    [
        ("administrator", "/office/keys/", None),
        (
            "moderator",
            "/office/account/keys/",
            {"name": "脚本", "scopes": "moderation:read", "days": "7", "password": factories.PASSWORD},
        ),
    ],
)
def test_the_button_that_ends_a_key_says_so_in_english(app, site, role, address, fields):
    if fields is None:
        shown(made(app))
    client = app.test_client().sign_in(role)
    if fields is not None:
        shown(client.post(address, data=fields))
    buttons = {"".join(button.itertext()) for button in client.page(address).all("button")}
    assert any(words.startswith("撤销：") for words in buttons)
    client.get("/?lang=en")
    buttons = {"".join(button.itertext()) for button in client.page(address).all("button")}
    assert any(words.startswith("Revoke: ") for words in buttons)
    assert not any(words.startswith("Undo") for words in buttons)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "请填写名称"),
        ({"bureau": ""}, "请选择所在单位"),
        ({"scopes": ""}, "请至少选择一项用途"),
        ({"per_minute": "0"}, "每分钟次数请填1至6000"),
    ],
)
def test_what_was_typed_comes_back(app, site, changes, said):
    answer = made(app, **changes)
    assert answer.status_code == 422
    assert said in answer.text
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(ApiKey.id)) is None


def test_a_moderator_makes_and_ends_a_key_of_their_own(app, site):
    moderator = app.test_client().sign_in("moderator")
    assert "/office/account/keys/" in moderator.page("/office/account/").source
    fields = {"name": "脚本", "scopes": "moderation:read", "days": "7", "password": factories.PASSWORD}
    wrong = moderator.post("/office/account/keys/", data=fields | {"password": "x"})
    assert wrong.status_code == 422
    assert "现在的密码不对" in wrong.text
    key = shown(moderator.post("/office/account/keys/", data=fields))
    assert app.test_client().get(QUEUE, headers=bearer(key)).status_code == 200
    assert key not in moderator.page("/office/account/keys/").source
    other = app.test_client().sign_in("drafter")
    assert other.post("/office/account/keys/1/revoke", data={}).status_code == 404
    assert app.test_client().sign_in("administrator").post("/office/keys/1/revoke", data={}).status_code == 404
    assert moderator.post("/office/account/keys/1/revoke", data={}).status_code == 302
    assert app.test_client().get(QUEUE, headers=bearer(key)).status_code == 401


def test_who_can_do_nothing_with_a_key_is_not_offered_one(app, site):
    drafter = app.test_client().sign_in("drafter")
    assert "/office/account/keys/" not in drafter.page("/office/account/").source
    assert not [form for form in drafter.page("/office/account/keys/").all("form") if form.get("class") == "narrow"]


def test_the_shell_makes_lists_and_ends_keys(app, site):
    import json

    shell = app.test_cli_runner()
    answer = shell.invoke(args=["api-keys", "create", "客户端", "--bureau", "slj"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert app.test_client().post(HANDING, json=SUBMISSION, headers=bearer(found["key"])).status_code in (201, 409)
    listed = shell.invoke(args=["api-keys", "list"])
    assert found["id"] in listed.stdout
    assert found["key"] not in listed.stdout
    assert shell.invoke(args=["api-keys", "revoke", found["id"]]).exit_code == 0
    assert shell.invoke(args=["api-keys", "revoke", found["id"]]).exit_code == 2
    assert shell.invoke(args=["api-keys", "create", "x", "--bureau", "none"]).exit_code == 2
    assert app.test_client().post(HANDING, json=SUBMISSION, headers=bearer(found["key"])).status_code == 401


def test_the_page_for_developers_names_every_address_and_problem(client, site):
    page = client.page("/developers")
    for path, item in client.get("/api/v1/openapi.json").get_json()["paths"].items():
        for method in item:
            assert f"{method.upper()} {path}" in page.text
    ids = {element.get("id") for element in page.root.iter()}
    problem = client.get("/api/v1/none").get_json()["type"]
    assert problem.split("#")[1] in ids
