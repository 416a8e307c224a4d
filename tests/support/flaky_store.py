"""A proxy before an object store: fails when it is told to, tells of each request, counts bytes by access key."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic
from typing import NamedTuple

_KEY = re.compile(r"Credential=([^/]+)/")
_OWN_HEADERS = {"connection", "transfer-encoding", "content-length", "date", "server"}
_SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


class Asked(NamedTuple):
    """One request.

    Attributes:
        key: Access key of who asks.
        method: GET, HEAD, PUT, POST or DELETE.
        path: With the query.
        port: Of who asks.
    """

    key: str
    method: str
    path: str
    port: int


class FlakyStore(ThreadingHTTPServer):
    """Passes on what it is asked for, unless it refuses.

    Attributes:
        watch: Told of each request before it is passed on; answers whether it is dropped without a word.
        moved: Bytes of bodies by access key, to the store and from it.
        refused: Requests that got a 503.
    """

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.watch: Callable[[Asked], bool] = lambda _: False
        self.moved: Counter[str] = Counter()
        self.refused = 0
        self._refuse_until = 0.0
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def refuses(self) -> bool:
        """Whether requests get a 503 now."""
        return monotonic() < self._refuse_until

    def refuse(self, seconds: float) -> None:
        """Answer every request with a 503 for some time."""
        self._refuse_until = monotonic() + seconds


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for 40 ms
    wbufsize = -1
    server: FlakyStore

    def _relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match = _KEY.search(self.headers.get("Authorization") or "")
        asked = Asked(match[1] if match else "", self.command, self.path, self.client_address[1])
        if self.server.watch(asked):
            self.close_connection = True
        elif self.server.refuses:
            self.server.refused += 1
            self._answer(503, {}, _SLOW_DOWN)
        else:
            self._pass_on(asked, body)

    def _pass_on(self, asked: Asked, body: bytes) -> None:
        store = HTTPConnection(self.server.upstream, timeout=60)
        try:
            store.request(self.command, self.path, body or None, dict(self.headers))
            response = store.getresponse()
            content = response.read()
        finally:
            store.close()
        self.server.moved[asked.key] += len(body) + len(content)
        self._answer(response.status, _headers(response), content)

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        with suppress(OSError):  # who asked is dead by now
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
            self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _relay  # noqa: N815 - their names are given


def _headers(response: HTTPResponse) -> dict[str, str]:
    kept = {name: value for name, value in response.getheaders() if name.lower() not in _OWN_HEADERS}
    length = response.getheader("Content-Length")
    return kept | ({"Content-Length": length} if length is not None else {})


@contextmanager
def flaky_store(upstream: str) -> Iterator[FlakyStore]:
    """Run a proxy before the store at an address, for the length of a ``with`` block."""
    proxy = FlakyStore(upstream)
    thread = Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
