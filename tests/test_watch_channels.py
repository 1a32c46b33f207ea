"""News reaches webhooks and mail servers, signed and once; what cannot be delivered is kept and tried again."""

import hashlib
import hmac
import json
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from conftest import Khabar
from crashing import entries
from loopback import Page, Site, serving

pytest.importorskip("httpx")

from index import Index
from index.errors import InputError
from index.local import writing
from search import Engine
from search.watch import Mail, Webhook, match, news, save, tell, undelivered

FERRY = "The ferry Amal caught fire near Port Sarma on Sunday, and the rescue of 212 passengers took all night."


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        made.pages["/hook"] = Page(b"ok")
        yield made


@pytest.fixture
def index(corpus_folder: Path, tmp_path: Path) -> Index:
    """An index with one hit that waits to be told."""
    index = Index.open(shutil.copytree(corpus_folder, tmp_path / "index"))
    save(Engine(index), "العبّارة: ferry", "ferry fire rescue", min_score=0.3)
    add(index, fire=FERRY)
    return index


def add(index: Index, **texts: str) -> None:
    with writing(index) as writer:
        writer.add(entries(texts))
    match(index)


def test_a_webhook_is_sent_each_hit_once_signed(site: Site, index: Index) -> None:
    hook = Webhook(f"{site.url}/hook", "secret", private=True)
    assert [(one.sent, one.failure) for one in tell(index, [hook])] == [(1, None)]
    assert [(one.sent, one.failure) for one in tell(index, [hook])] == [(0, None)]
    (asked,) = site.asked
    (hit,) = json.loads(asked.body)["hits"]
    assert (hit["search"], hit["article"]["id"]) == ("العبّارة: ferry", "fire")
    signed = asked.headers["khabar-timestamp"].encode() + b"." + asked.body
    expected = hmac.new(b"secret", signed, hashlib.sha256).hexdigest()
    assert asked.headers["khabar-signature"] == f"sha256={expected}"


def test_what_a_webhook_does_not_take_is_kept_and_sent_later_with_the_same_id(site: Site, index: Index) -> None:
    hook = Webhook(f"{site.url}/hook", private=True)
    site.pages["/hook"] = Page(status=500)
    (failed,) = tell(index, [hook])
    assert (failed.sent, failed.failure) == (0, "answered 500")
    assert news(index) == [], "it is told as soon as it can be"
    assert undelivered(index) == {"http://127.0.0.1": 1}
    site.pages["/hook"] = Page(b"ok")
    assert tell(index, [hook])[0].sent == 0, "not again at once"
    _be_due(index)
    assert tell(index, [hook])[0].sent == 1
    assert undelivered(index) == {}
    first, second = site.asked
    assert first.headers["khabar-delivery"] == second.headers["khabar-delivery"]


def test_a_webhook_that_asks_to_wait_is_left_alone(site: Site, index: Index) -> None:
    site.pages["/hook"] = Page(status=429, headers={"Retry-After": "7200"})
    tell(index, [Webhook(f"{site.url}/hook", private=True)])
    ((after,),) = _rows(index, "SELECT after FROM outbox")
    assert 7100 < after - time.time() <= 7200


def test_each_channel_is_sent_everything_whatever_becomes_of_the_others(site: Site, index: Index) -> None:
    broken = Webhook(f"{site.url}/broken", private=True)
    fine = Webhook(f"{site.url}/hook", private=True)
    assert [one.sent for one in tell(index, [broken, fine])] == [0, 1]


def test_a_private_address_is_refused_unless_the_user_allows_it(khabar: Khabar, site: Site, index: Index) -> None:
    done = khabar("news", "--post", f"{site.url}/hook", "--index", index.path)
    assert done.code == 1
    assert "private network" in done.err
    assert site.asked == []
    _be_due(index)
    done = khabar("news", "--post", f"{site.url}/hook", "--allow-private", "--index", index.path, "--json")
    assert done.json["deliveries"][0]["sent"] == 1


def test_no_address_or_secret_is_written_to_the_index(site: Site, index: Index) -> None:
    site.pages["/hook/token-xyzzy"] = Page(status=500)
    tell(index, [Webhook(f"{site.url}/hook/token-xyzzy", "s3cret-plugh", private=True)])
    for path in index.path.rglob("*"):
        if path.is_file():
            assert b"xyzzy" not in path.read_bytes(), path
            assert b"plugh" not in path.read_bytes(), path
    assert "plugh" not in repr(Webhook("https://example.org", "s3cret-plugh"))


@pytest.mark.parametrize("url", ["", "example.org", "file:///etc/passwd", "http://"])
def test_what_is_no_address_cannot_be_posted_to(url: str) -> None:
    with pytest.raises(InputError, match="https://"):
        Webhook(url)


class Inbox:
    """A real SMTP server that keeps what it is sent, or refuses it."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuse = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse:
            return "451 try again later"
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, str]]:
    controller_of = pytest.importorskip("aiosmtpd.controller")
    handler = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = controller_of.Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def test_a_mail_is_sent_through_a_server(
    khabar: Khabar, index: Index, inbox: tuple[Inbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, server = inbox
    monkeypatch.setenv("KHABAR_SMTP", server)
    monkeypatch.setenv("KHABAR_MAIL_FROM", "khabar@example.org")
    done = khabar("news", "--mail", "desk@example.org", "--mail", "night@example.org", "--index", index.path)
    assert done.code == 0, done.err
    ((to, mail),) = handler.mails
    assert to == ["desk@example.org", "night@example.org"]
    assert "العبّارة: ferry" in mail["subject"]
    assert mail["from"] == "khabar@example.org"
    assert FERRY in mail.get_content().replace("\n", " ")
    assert "Bulletin fire" in mail.get_content()


def test_a_mail_that_is_refused_is_sent_later(index: Index, inbox: tuple[Inbox, str]) -> None:
    handler, server = inbox
    mail = Mail(("desk@example.org",), "khabar@example.org", server)
    handler.refuse = True
    (failed,) = tell(index, [mail])
    assert "451" in (failed.failure or "")
    handler.refuse = False
    _be_due(index)
    assert tell(index, [mail])[0].sent == 1
    assert len(handler.mails) == 1


def test_a_password_is_never_sent_without_tls(index: Index, inbox: tuple[Inbox, str]) -> None:
    handler, server = inbox
    (failed,) = tell(index, [Mail(("desk@example.org",), "khabar@example.org", server, "me", "s3cret")])
    assert "TLS" in (failed.failure or "")
    assert handler.mails == []


@pytest.mark.parametrize("address", ["", "desk", "a@b\nBcc: c@d", "a@b, c@d", "<a@b>"])
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="mail address"):
        Mail((address,), "khabar@example.org")


def test_a_mail_without_a_server_says_how_to_name_one(khabar: Khabar, index: Index) -> None:
    done = khabar("news", "--mail", "desk@example.org", "--index", index.path)
    assert done.code == 2
    assert "KHABAR_SMTP" in done.err
    assert len(news(index)) == 1, "nothing was told"


def _be_due(index: Index) -> None:
    """An hour or two later."""
    with sqlite3.connect(index.path / "searches.db") as db:
        db.execute("UPDATE outbox SET after = 0")


def _rows(index: Index, query: str) -> list[Any]:
    with sqlite3.connect(index.path / "searches.db") as db:
        return db.execute(query).fetchall()
