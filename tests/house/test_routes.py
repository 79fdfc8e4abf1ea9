"""Every view states its permission; every URL is asked by everybody."""

from __future__ import annotations

import pytest
from flask import url_for

from portal.access import PUBLIC, Permission, Role
from portal.web.gate import PERMISSIONS
from tests import factories

VALUES = {"slug": "hehu", "label": "2-1", "number": "1", "item_id": "1", "extension": "docx", "name": "help",
          "comment": "1", "on": "2026-03-12", "position": "0", "registration_id": "1", "enclosure_id": "1", "mail_id": "1",
          "sheet_id": "1", "act": "promote", "index": "0", "line_id": "1", "old": "1", "new": "1", "file_id": "1", "code": "QT",
          "reference": "C-1", "account_id": "1", "campaign_id": "1", "token": "x", "act_id": "1", "job_id": "1",
          "template_id": "1", "key_id": "1", "webhook_id": "1", "delivery_id": "1", "subscription_id": "1",
          "letter_id": "1"}  # fmt: skip


#: names that mean something else from page to page
BY_ENDPOINT = {"bulk.steer": {"turn": "stop"}, "reasons.settle": {"turn": "retire"}}


def values(rule):
    known = VALUES | BY_ENDPOINT.get(rule.endpoint, {})
    return {name: known[name] for name in rule.arguments}


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_view_states_its_permission(app):
    silent = [rule.endpoint for rule in rules(app) if app.view_functions[rule.endpoint] not in PERMISSIONS]
    assert silent == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_permission_is_asked_for_and_given_to_somebody(app):
    from portal.access import POLICY

    asked = set(PERMISSIONS.values())
    given = set().union(*POLICY.values()) | PUBLIC
    assert given == set(Permission)
    assert asked <= given


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", [None, *Role])
def test_nobody_gets_what_the_policy_does_not_give(app, site, role):
    from portal.access import Actor

    actor = Actor(account_id=1, role=role, bureau_id=1) if role else Actor()
    client = app.test_client()
    if role:
        client.sign_in(role.value)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for rule in rules(app):
        permission = PERMISSIONS[app.view_functions[rule.endpoint]]
        if actor.may(permission) or rule.endpoint == "accounts.sign_in":
            continue
        with app.test_request_context():
            address = url_for(rule.endpoint, **values(rule))
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.open(address, method=method, data={} if method == "POST" else None)
            if address.startswith("/api/"):
                # a cookie says nothing to the JSON interface
                assert answer.status_code == 401, (role, address, answer.status_code)
                assert "WWW-Authenticate" in answer.headers
            elif role is None:
                assert answer.status_code == (302 if method == "GET" else 401), (address, answer.status_code)
                assert method == "POST" or answer.headers["Location"].startswith("/office/sign-in")
            else:
                assert answer.status_code == 403, (role, address, answer.status_code)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", [None, *Role])
def test_no_page_breaks_for_anybody(app, site, role):
    client = app.test_client()
    if role:
        client.sign_in(role.value)
    for rule in rules(app):
        if "GET" not in rule.methods:
            continue
        with app.test_request_context():
            address = url_for(rule.endpoint, **values(rule))
        assert client.get(address).status_code < 500, address


def test_the_factories_know_every_role():
    assert {role.value for role in Role} == {
        "administrator",
        "security",
        "publisher",
        "moderator",
        "drafter",
        "auditor",
    }
    assert factories.PASSWORD
