"""What leaves the house when an alarm is sent, without a server between."""

import asyncio
from collections.abc import Callable  # noqa: TC003 - of an annotation that is read at run time
from pathlib import Path
from time import time
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from pydantic import SecretStr

from flows.alarm_once import SECONDS, OnceNotification, claim, plain
from flows.automations import receivers_of
from tests.flows.mailbox import Mailbox
from tests.flows.served import free_port, receive
from warehouse.settings import Settings

SUBJECT, BODY = "microseg: A run failed.", "nightly, run night: Failed"
SLACK = "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx"


def send(settings: Settings, name: str) -> None:
    """Send one alarm; Prefect's method is typed as sync and async at once."""
    notify: Callable[..., object] = plain(*receivers_of(settings)[name]).notify
    notify(BODY, SUBJECT)


def test_nobody_is_told_unless_set() -> None:
    assert receivers_of(Settings()) == {}


def test_a_webhook_gets_subject_and_body() -> None:
    receiver, server = receive()
    with server:
        send(Settings(notify_webhook=receiver.address), "microseg-webhook")
        assert receiver.posted.get(timeout=10) == {"subject": SUBJECT, "body": BODY}
        server.shutdown()


def test_a_mail_is_delivered() -> None:
    with Mailbox() as mailbox:
        mailbox.start()
        send(Settings(notify_email=mailbox.address), "microseg-email")
        mail = mailbox.await_mail(SUBJECT, seconds=10)
        mailbox.shutdown()
    assert (mail["From"], mail["To"]) == ("microseg@bank.example", "night@bank.example")
    assert BODY in str(mail.get_body())


def test_slack_is_called_at_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    called: dict[str, Any] = {}

    def request(_method: str, url: str, data: str, **_: object) -> Mock:
        called.update(url=url, data=data)
        return Mock(status_code=200, content=b"ok")

    monkeypatch.setattr("apprise.plugins.slack.requests.request", request)
    send(Settings(notify_slack=SLACK), "microseg-slack")
    assert called["url"] == SLACK
    assert SUBJECT in called["data"]
    assert BODY in called["data"]


def test_an_alarm_that_is_acted_on_twice_is_sent_once(tmp_path: Path) -> None:
    receiver, server = receive()
    block = OnceNotification(kind="webhook", url=SecretStr(receiver.address), folder=tmp_path / "alarms")
    other = "nightly, run night-2: Failed"
    with server:
        for body in (BODY, BODY, other, BODY):
            asyncio.run(block.notify(body, SUBJECT))
        server.shutdown()
    assert [alarm["body"] for alarm in receiver.posted.queue] == [BODY, other]


def test_an_alarm_that_did_not_reach_anybody_is_sent_again(tmp_path: Path) -> None:
    nobody = SecretStr(f"http://127.0.0.1:{free_port()}/alarms")
    block = OnceNotification(kind="webhook", url=nobody, folder=tmp_path / "alarms")
    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            asyncio.run(block.notify(BODY, SUBJECT))


def test_a_run_that_fails_again_later_is_told_of_again(tmp_path: Path) -> None:
    mark = tmp_path / "alarms" / "one"
    assert claim(mark, time())
    assert not claim(mark, time() + SECONDS - 10)
    assert claim(mark, time() + SECONDS + 10)
