"""Run the server of a studio, in this thread or beside it."""

import socket
import threading
from typing import Any

import uvicorn

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.studio.security import check_token, hosts_of, make_token
from glassnet.studio.server import make_app
from glassnet.studio.session import Session

LOOPBACK = "127.0.0.1"


class Serving:
    """Serve a session at an address of its own.

    Parameters
    ----------
    session : Session
    host : str
    port : int
        0 for any that is free.
    token : str, optional
        That pages must bring; a new one unless given.

    Attributes
    ----------
    url : str
        With the token; whoever knows it may use the studio.
    """

    def __init__(
        self, session: Session, host: str = LOOPBACK, port: int = 0, token: str | None = None
    ) -> None:
        self.session = session
        self._socket = _bind(host, port)
        self.port = self._socket.getsockname()[1]
        self.token = make_token() if token is None else check_token(token)
        name = LOOPBACK if host in ("0.0.0.0", "::") else host  # what it is called, not bound to
        self.url = f"http://{name}:{self.port}/?token={self.token}"
        hosts = set() if host in ("0.0.0.0", "::") else hosts_of(host, self.port)
        config = uvicorn.Config(
            make_app(session, self.token, hosts),
            http="h11",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        self._server: Any = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serve until Ctrl-C."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self.session.close()

    def start(self) -> None:
        """Serve in a thread."""
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="glassnet-server", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the server, and the session's thread."""
        self.session.close()
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._socket.close()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(128)  # from now on a browser waits instead of being refused
    except OSError as error:
        made.close()
        raise InvalidParameterError(
            f"cannot listen on {quoted(host)}, port {port}: {error.strerror or error}. Another --port, or 0 "
            "for any that is free?"
        ) from error
    return made
