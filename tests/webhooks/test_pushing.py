"""Pushing events to a server of every sort: one that answers, is slow, fails, leads elsewhere, or never says anything."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import http.server
import json
import re
import socket
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import webhooks
from portal.access import Role
from portal.models import Webhook, WebhookDelivery
from portal.rules import outward
from portal.rules.words import DeliveryState, HappeningKind
from portal.services import happenings
from portal.services import webhooks as service
from tests.factories import NOON
from tests.pages import Page


class Receiver(http.server.BaseHTTPRequestHandler):
    """Does what its path says and keeps what it was sent."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        match self.path:
            case "/slow":
                time.sleep(5)
                self._say(200)
            case "/drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                for number in range(50):
                    time.sleep(0.1)
                    try:
                        self.wfile.write(f"X-{number}: x\r\n".encode())
                        self.wfile.flush()
                    except OSError:
                        return
            case "/flood":
                self.send_response(500)
                self.end_headers()
                try:
                    for _ in range(2000):
                        self.wfile.write(b"x" * 10_000)
                except OSError:
                    self.server.cut_short = True
            case "/elsewhere":
                self.send_response(302)
                self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/good")
                self.end_headers()
            case "/broken":
                self.wfile.write(b"SSH-2.0-OpenSSH\r\n")
            case "/talks":
                self._say(422)
                self.wfile.write("我不要<b>这个</b>".encode() + b"x" * 9000)
            case _:
                self._say({"/500": 500, "/410": 410, "/204": 204}.get(self.path, self.server.status))

    def _say(self, status):
        try:
            self.send_response(status)
            self.end_headers()
        except OSError:
            pass

    def log_message(self, *_args):
        pass


@pytest.fixture
def receiver():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.status, server.cut_short = [], 200, False
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def told(app, site, seal, receiver):
    """Registers an address at the receiver and lets a consultation be published; what is then owed."""

    def owe(path="/good", listed=True, host="127.0.0.1", url=""):
        here = f"{host}:{receiver.server_port}"
        hosts = frozenset({here}) if listed else frozenset()
        settings = app.extensions["settings"]
        app.extensions["settings"] = dataclasses.replace(settings, webhook_hosts=hosts, webhook_timeout=1.0)
        with app.extensions["database"].transaction() as session:
            made, secret = service.register(
                session, seal, site.actor(Role.ADMINISTRATOR), bureau_id=site.bureau.id, name="门户",
                url=url or f"http://{here}{path}", kinds=[kind.value for kind in HappeningKind], listed=frozenset({here}),
                at=NOON - timedelta(days=30),
            )  # fmt: skip
            happenings.notice(session, NOON, "https://portal.example.gov.cn")
            return made.id, secret

    return owe


def delivery(app):
    with app.extensions["database"].reader() as session:
        return session.scalar(select(WebhookDelivery).order_by(WebhookDelivery.id))


def test_what_arrives_is_signed_and_told_once(app, told, receiver):
    _, secret = told()
    assert webhooks.deliver(app, NOON) == webhooks.Round(1, 0)
    assert webhooks.deliver(app, NOON + timedelta(days=9)) == webhooks.Round(0, 0)
    ((path, headers, body),) = receiver.received
    assert path == "/good"
    assert json.loads(body)["type"] == "consultation.published"
    assert headers["Content-Type"] == "application/json"
    stamp, name = headers["webhook-timestamp"], headers["webhook-id"]
    assert int(stamp) == int(NOON.timestamp())
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    done = delivery(app)
    assert (done.state, done.attempts, done.last_status, done.delivered_at) == (DeliveryState.DELIVERED, 1, 200, NOON)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/500", 500, ""),
        ("/410", 410, ""),
        ("/elsewhere", 302, ""),
        ("/slow", None, "no answer within 1 s"),
        ("/drip", None, "no answer within 1 s"),
        ("/flood", 500, "xxxx"),
        ("/broken", None, "BadStatusLine"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_else_comes_back_is_tried_again(app, told, receiver, path, status, words):
    told(path)
    began = time.monotonic()
    assert webhooks.deliver(app, NOON) == webhooks.Round(0, 1)
    assert time.monotonic() - began < 3
    waiting = delivery(app)
    assert (waiting.state, waiting.last_status, waiting.attempts) == (DeliveryState.WAITING, status, 1)
    assert words in waiting.last_fault or ("time" in waiting.last_fault.lower() and status is None)
    assert waiting.due_at == NOON + timedelta(minutes=1)
    assert len(receiver.received) == 1
    assert len(waiting.last_fault) <= 500


def test_a_server_that_is_gone_is_tried_until_it_is_given_up(app, told, receiver):
    told()
    receiver.status = 503
    at, tries = NOON, []
    while delivery(app).state is DeliveryState.WAITING:
        webhooks.deliver(app, at)
        tries.append(at)
        at = delivery(app).due_at
    assert len(tries) == len(service.BACK_OFF) + 1
    assert timedelta(days=1) < tries[-1] - tries[0] < timedelta(days=3)
    assert {headers["webhook-id"] for _, headers, _ in receiver.received} == {receiver.received[0][1]["webhook-id"]}
    assert delivery(app).state is DeliveryState.DEAD
    assert webhooks.deliver(app, at + timedelta(days=30)) == webhooks.Round(0, 0)


def test_a_person_sends_it_again(app, told, receiver, site):
    webhook_id, _ = told()
    receiver.status = 500
    for attempt in range(9):
        webhooks.deliver(app, NOON + timedelta(days=2 * attempt))
    assert delivery(app).state is DeliveryState.DEAD
    receiver.status = 200
    administrator = app.test_client().sign_in("administrator")
    page = administrator.page(f"/office/webhooks/{webhook_id}")
    assert "多次未送达" in page.text
    assert administrator.post(f"/office/webhooks/{webhook_id}/deliveries/1/again", data={}).status_code == 302
    assert webhooks.deliver(app, NOON) == webhooks.Round(1, 0)
    assert delivery(app).state is DeliveryState.DELIVERED


def test_a_silent_address_costs_one_time_out_a_round(app, told, receiver, site, seal):
    told("/slow")
    with app.extensions["database"].transaction() as session:
        happenings.notice(session, NOON + timedelta(days=60), "")
    began = time.monotonic()
    assert webhooks.deliver(app, NOON + timedelta(days=60)) == webhooks.Round(0, 1)
    assert time.monotonic() - began < 2.5
    assert len(receiver.received) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_address_inside_is_not_called(app, told, receiver):
    told(listed=False)
    assert webhooks.deliver(app, NOON) == webhooks.Round(0, 1)
    assert receiver.received == []
    assert "https://" in delivery(app).last_fault


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_no_name_or_number_leads_inside(app, told, receiver, host):
    told(url=f"https://{host}:{receiver.server_port}/good")
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], webhook_hosts=frozenset())
    assert webhooks.deliver(app, NOON) == webhooks.Round(0, 1)
    assert receiver.received == []
    assert "public internet" in delivery(app).last_fault or "not known" in delivery(app).last_fault


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_name_is_resolved_once_and_all_of_it_is_checked(app, told, receiver, monkeypatch):
    """DNS rebinding: the first answer is public, a later one would lead inside."""
    told(url="https://hooks.example.com/good")
    answers, called = [], []

    def resolve(host, port, **_more):
        answers.append(host)
        addresses = ["93.184.216.34"] if len(answers) == 1 else ["127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    def connect(address, timeout=None):
        called.append(address)
        raise OSError("refused by the test")

    monkeypatch.setattr(webhooks.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(webhooks.socket, "create_connection", connect)
    webhooks.deliver(app, NOON)
    assert (answers, called) == (["hooks.example.com"], [("93.184.216.34", 443)])
    monkeypatch.setattr(
        webhooks.socket, "getaddrinfo",
        lambda host, port, **_: [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.1", port))],
    )  # fmt: skip
    webhooks.deliver(app, NOON + timedelta(hours=1))
    assert len(called) == 1
    assert "public internet" in delivery(app).last_fault


def silent_port():
    """A port nobody listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "is_listed", "chinese", "english"),
    [
        ("https://127.0.0.1:{open}/good", False, "不在公共互联网上", "not on the public internet"),
        ("https://nobody.invalid/good", False, "找不到这个域名", "This host name is not known"),
        ("https://127.0.0.1:{closed}/good", True, "对方拒绝连接", "refused the connection"),
        ("https://127.0.0.1:{open}/good", True, "没有建立起加密连接", "No encrypted connection"),
        ("http://127.0.0.1:{open}/good", False, "地址要以https://开头", "https://"),
        ("http://127.0.0.1:{open}/slow", True, "没有在规定的时间内答复", "did not answer in time"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fault_is_told_in_the_language_of_the_page(
    app, told, receiver, monkeypatch, url, is_listed, chinese, english
):
    resolve = socket.getaddrinfo

    def known(host, *rest, **more):
        if host == "nobody.invalid":
            raise socket.gaierror(-2, "Name or service not known")
        return resolve(host, *rest, **more)

    monkeypatch.setattr(webhooks.socket, "getaddrinfo", known)
    address = url.format(open=receiver.server_port, closed=silent_port())
    webhook_id, _ = told(url=address)
    host = address.split("/")[2]
    app.extensions["settings"] = dataclasses.replace(
        app.extensions["settings"], webhook_hosts=frozenset({host} if is_listed else ())
    )
    webhooks.deliver(app, NOON)
    assert delivery(app).last_status is None
    administrator = app.test_client().sign_in("administrator")
    for lang, words in (("zh", chinese), ("en", english)):
        administrator.set_cookie("lang", lang)
        tried = Page(administrator.post(f"/office/webhooks/{webhook_id}/test", data={}).text)
        assert tried.text.count(words) >= 2, tried.text  # of the test, and of the delivery in the list
        assert "NotReached" not in tried.text
        assert "Error" not in tried.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_flood_is_cut_short(app, told, receiver):
    told("/flood")
    webhooks.deliver(app, NOON)
    for _ in range(50):
        if receiver.cut_short:
            break
        time.sleep(0.1)
    assert receiver.cut_short


def test_tls_is_checked(receiver):
    """A server that speaks no TLS, at an address that was listed: nothing is sent to it."""
    target = outward.target(
        f"https://127.0.0.1:{receiver.server_port}/good", frozenset({f"127.0.0.1:{receiver.server_port}"})
    )
    message = service.Message(1, 1, "msg", target.url, outward.secret_of(b"x" * 32), b"{}")
    with pytest.raises((OSError, webhooks.NotReached)):
        webhooks.post(target, message, 0, 1.0)
    assert receiver.received == []


def test_a_stopped_address_is_told_nothing_more(app, told, receiver):
    webhook_id, _ = told()
    administrator = app.test_client().sign_in("administrator")
    assert administrator.post(f"/office/webhooks/{webhook_id}/stop", data={}).status_code == 302
    assert webhooks.deliver(app, NOON) == webhooks.Round(0, 0)
    assert administrator.post(f"/office/webhooks/{webhook_id}/deliveries/1/again", data={}).status_code == 409
    assert receiver.received == []


def test_the_page_registers_and_shows_the_secret_once(app, site):
    administrator = app.test_client().sign_in("administrator")
    fields = {"name": "门户", "bureau": "1", "url": "https://hooks.example.com/x", "kinds": "consultation.published"}
    bad = administrator.post("/office/webhooks/new", data=fields | {"url": "http://hooks.example.com/"})
    assert bad.status_code == 422
    assert "https://" in bad.text
    made = administrator.post("/office/webhooks/new", data=fields)
    assert made.status_code == 200
    assert "whsec_" in made.text
    for address in ("/office/webhooks/", "/office/webhooks/1"):
        page = administrator.page(address)
        assert "hooks.example.com" in page.text
        assert "whsec_" not in page.source
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(Webhook.kinds)) == ["consultation.published"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_shell_sends_what_is_due(app, told, receiver):
    told()
    answer = app.test_cli_runner().invoke(args=["webhooks", "deliver"])
    assert answer.exit_code == 0, answer.output
    # by the clock on the wall the window has closed too
    assert json.loads(answer.stdout) == {"noticed": 1, "delivered": 2, "failed": 0}


# ── a test event ──────────────────────────────────────────────────────────────────────────────────────


def test_a_test_event_is_sent_at_once_and_the_answer_is_shown(app, told, receiver):
    webhook_id, secret = told()
    administrator = app.test_client().sign_in("administrator")
    assert "发送测试事件" in administrator.page(f"/office/webhooks/{webhook_id}").text
    answer = administrator.post(f"/office/webhooks/{webhook_id}/test", data={})
    assert answer.status_code == 200
    assert "对方收下了：答200" in Page(answer.text).text
    ((path, headers, body),) = receiver.received
    assert path == "/good"
    told_of = json.loads(body)
    assert (told_of["type"], told_of["data"]["name"]) == ("webhook.test", "门户")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert (
        headers["webhook-signature"]
        == f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"
    )
    assert administrator.get(f"/office/webhooks/{webhook_id}/test").location.endswith(f"/webhooks/{webhook_id}")
    # it is no delivery: what is owed is still owed, and the log says who tried
    assert delivery(app).attempts == 0
    assert "webhook.test" in app.test_client().sign_in("auditor").page("/office/audit/").text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/talks", "对方没有收：答422"),
        ("/500", "对方没有收：答500"),
        ("/elsewhere", "对方没有收：答302"),
        ("/slow", "没有得到答复：对方没有在规定的时间内答复。"),
        ("/broken", "没有得到答复：连接中断，或者对方的答复不合HTTP的规则。"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_the_other_side_does_is_said_on_the_page(app, told, receiver, path, words):
    webhook_id, _ = told(path)
    answer = app.test_client().sign_in("administrator").post(f"/office/webhooks/{webhook_id}/test", data={})
    assert answer.status_code == 200
    page = Page(answer.text)
    assert words in page.text
    if path == "/talks":
        assert "我不要<b>这个</b>" in page.text
        assert "<b>这个" not in page.source
        assert "x" * 600 not in page.source
    assert len(receiver.received) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_test_goes_nowhere_a_delivery_would_not(app, told, receiver):
    webhook_id, _ = told(listed=False)
    administrator = app.test_client().sign_in("administrator")
    assert "没有得到答复" in Page(administrator.post(f"/office/webhooks/{webhook_id}/test", data={}).text).text
    assert receiver.received == []
    administrator.post(f"/office/webhooks/{webhook_id}/stop", data={})
    assert administrator.post(f"/office/webhooks/{webhook_id}/test", data={}).status_code == 409
    for role in set(Role) - {Role.ADMINISTRATOR}:
        refused = app.test_client().sign_in(role.value).post(f"/office/webhooks/{webhook_id}/test", data={})
        assert refused.status_code == 403


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_address_is_not_tried_without_end(app, told, receiver):
    webhook_id, _ = told()
    administrator = app.test_client().sign_in("administrator")
    told_of = [administrator.post(f"/office/webhooks/{webhook_id}/test", data={}).status_code for _ in range(12)]
    assert told_of == [200] * 10 + [429] * 2
    assert len(receiver.received) == 10


def test_nobody_waits_for_the_database_while_the_other_side_is_slow(app, told, receiver):
    webhook_id, _ = told("/slow")
    administrator = app.test_client().sign_in("administrator")
    asking = threading.Thread(target=lambda: administrator.post(f"/office/webhooks/{webhook_id}/test", data={}))
    asking.start()
    while not receiver.received:
        time.sleep(0.01)
    with app.extensions["database"].transaction() as session:
        session.scalars(select(Webhook)).one().name = "另一个名称"
    assert asking.is_alive()
    asking.join(20)


# ── what the operation is told ────────────────────────────────────────────────────────────────────────


def figure(app, name):
    return float(re.search(rf"^{re.escape(name)} (\S+)$", app.test_client().get("/metrics").text, re.M)[1])


def test_the_figures_say_what_waits_fails_and_was_given_up(app, told, receiver, site, clock):
    assert figure(app, "portal_webhooks") == 0
    webhook_id, _ = told()
    receiver.status = 503
    assert figure(app, 'portal_webhook_deliveries{state="waiting"}') == 1
    assert figure(app, "portal_webhook_deliveries_failing") == 0
    webhooks.deliver(app, NOON)
    clock.at = NOON + timedelta(minutes=10)
    assert figure(app, "portal_webhook_deliveries_failing") == 1
    assert figure(app, "portal_oldest_webhook_delivery_seconds") == 600
    administrator = app.test_client().sign_in("administrator")
    assert "1次待送" in administrator.page("/office/running/").text
    for attempt in range(9):
        webhooks.deliver(app, NOON + timedelta(days=2 * attempt))
    assert figure(app, 'portal_webhook_deliveries{state="dead"}') == 1
    assert figure(app, 'portal_webhook_deliveries{state="waiting"}') == 0
    assert "1次送不到，等人处理" in administrator.page("/office/running/").text
    receiver.status = 200
    administrator.post(f"/office/webhooks/{webhook_id}/deliveries/1/again", data={})
    webhooks.deliver(app, clock.at)
    assert figure(app, 'portal_webhook_deliveries{state="delivered"}') == 1
    # nobody has to see to an address that is not used any more
    administrator.post(f"/office/webhooks/{webhook_id}/stop", data={})
    assert figure(app, "portal_webhooks") == 0
    assert "待送" not in administrator.page("/office/running/").text
