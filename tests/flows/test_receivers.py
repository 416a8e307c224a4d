"""What leaves the house when an alarm is sent, without a server between."""

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from flows.automations import receivers_of
from tests.flows.mailbox import Mailbox
from tests.flows.served import receive
from warehouse.settings import Settings

SUBJECT, BODY = "microseg: A run failed.", "nightly, run night: Failed"
SLACK = "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx"


def send(notify: Callable[..., object]) -> None:
    """Send one alarm; Prefect's method is typed as sync and async at once."""
    notify(BODY, SUBJECT)


def test_nobody_is_told_unless_set() -> None:
    assert receivers_of(Settings()) == {}


def test_a_webhook_gets_subject_and_body() -> None:
    receiver, server = receive()
    with server:
        send(receivers_of(Settings(notify_webhook=receiver.address))["microseg-webhook"].notify)
        assert receiver.posted.get(timeout=10) == {"subject": SUBJECT, "body": BODY}
        server.shutdown()


def test_a_mail_is_delivered() -> None:
    with Mailbox() as mailbox:
        mailbox.start()
        send(receivers_of(Settings(notify_email=mailbox.address))["microseg-email"].notify)
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
    send(receivers_of(Settings(notify_slack=SLACK))["microseg-slack"].notify)
    assert called["url"] == SLACK
    assert SUBJECT in called["data"]
    assert BODY in called["data"]
