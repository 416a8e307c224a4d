"""A mail server that keeps what it is sent; just enough of RFC 5321 for a client that only delivers."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Queue
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


class Mailbox(ThreadingTCPServer):
    """Listens on a free port of this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Delivery)
        self.mails: Queue[EmailMessage] = Queue()

    def start(self) -> None:
        """Receive in the background."""
        Thread(target=self.serve_forever, daemon=True).start()

    def await_mail(self, subject: str, seconds: float = 60) -> EmailMessage:
        """Return the next mail of a subject; others are dropped."""
        while (mail := self.mails.get(timeout=seconds))["Subject"] != subject:
            pass
        return mail

    @property
    def address(self) -> str:
        """The receiver as MICROSEG_NOTIFY_EMAIL takes it."""
        people = "from=microseg@bank.example&to=night@bank.example"
        return f"mailto://127.0.0.1:{self.server_address[1]}?{people}&mode=insecure"


class Delivery(StreamRequestHandler):
    """One client."""

    server: Mailbox

    def handle(self) -> None:
        self.say("220 ready")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                self.server.mails.put(message_from_bytes(self.text(), EmailMessage, policy=policy.default))
            self.say("221 bye" if verb == b"QUIT" else "250 done")

    def text(self) -> bytes:
        return b"".join(iter(self.rfile.readline, b".\r\n"))

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
