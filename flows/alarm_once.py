"""An alarm once: Prefect's server acts twice on one event when its SQLite was locked as it noted that it had acted.

It publishes what to do, then commits; where the commit fails the event is judged again, and the alarm has a new id. So
whoever sends it remembers what was sent, in a file that only one can make.
"""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Literal

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from pydantic import Field, SecretStr

from warehouse.privacy import private_folder

# An event is judged again within seconds, at most three times. A run that fails once more is told of once more.
SECONDS = 600
Kind = Literal["webhook", "apprise"]


def plain(kind: Kind, url: SecretStr) -> NotificationBlock:
    """Return a block of Prefect's own that sends to one receiver.

    Args:
        kind: ``webhook``: JSON with subject and body. ``apprise``: any address that Apprise knows, mail and Slack too.
        url: Where to.
    """
    if kind == "webhook":
        content = {"subject": "{{subject}}", "body": "{{body}}"}
        return CustomWebhookNotificationBlock(name="microseg", url=url.get_secret_value(), json_data=content)
    # Of the blocks that every server knows, this one passes any other Apprise address on, mailto:// included.
    return SlackWebhook(url=url)


class OnceNotification(NotificationBlock):
    """Sends each alarm to one receiver once; known to the server of `microseg up` alone."""

    _block_type_name = "microseg alarm"
    _block_type_slug = "microseg-alarm"

    kind: Kind = Field(title="Kind of receiver")
    url: SecretStr = Field(title="Receiver")
    folder: Path = Field(title="Remembers what was sent")

    async def notify(self, body: str, subject: str | None = None) -> None:
        """Send an alarm, unless the same was sent a moment ago; one that could not be sent is not remembered."""
        mark = self.folder / sha256(f"{self.url.get_secret_value()}\0{subject}\0{body}".encode()).hexdigest()
        if not claim(mark, time()):
            return
        block = plain(self.kind, self.url)
        try:
            with block.raise_on_failure():
                await block.notify(body, subject)
        except BaseException:
            mark.unlink(missing_ok=True)
            raise


def claim(mark: Path, now: float) -> bool:
    """Make the file of an alarm, and remove those of long ago; False where it was made a moment ago.

    Args:
        mark: Names receiver and words.
        now: Seconds since the epoch.
    """
    private_folder(mark.parent)
    for old in mark.parent.iterdir():
        with suppress(FileNotFoundError):  # two alarms at once
            if abs(now - old.stat().st_mtime) > SECONDS:
                old.unlink()
    try:
        mark.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return False
    return True
