"""Who may talk to the studio: pages of this very server, with its token."""

import hmac
import re
import secrets
from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glassnet.errors import InvalidParameterError
from glassnet.studio._answers import refusal

MOST_BYTES = 2**20
SHORTEST_TOKEN = 20
MOST_UPLOADED = 50 * 2**20

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self' http://localhost:* http://127.0.0.1:*"
    ),
    "Referrer-Policy": "no-referrer",  # the token is in the address
    "X-Content-Type-Options": "nosniff",
}


def make_token() -> str:
    """Return a new token: 192 random bits."""
    return secrets.token_urlsafe(24)


def check_token(token: str) -> str:
    """Return a token that a person chose.

    Raises
    ------
    InvalidParameterError
        When it could be guessed, or cannot stand in an address.
    """
    if not re.fullmatch(rf"[\w-]{{{SHORTEST_TOKEN},200}}", token, re.ASCII):
        raise InvalidParameterError(
            f"got a token of {len(token)} characters; expected at least {SHORTEST_TOKEN} letters, digits, - "
            "and _."
        )
    return token


def hosts_of(host: str, port: int) -> set[str]:
    """Return what a browser may call a server in ``Host``."""
    names = {"127.0.0.1", "localhost"} if host in ("127.0.0.1", "localhost") else {host}
    return {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())


class Guard:
    """Let in what comes from the server's own page, with its token; refuse the rest.

    A page of another site that runs in the same browser knows no token, sends its own ``Origin``, and, where
    its name was made to point here, its own ``Host``.

    Parameters
    ----------
    app : ASGI application
    token : str
    hosts : iterable of str
        Empty where any is right: then the token alone decides.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Iterable[str]) -> None:
        self._app, self._token, self._hosts = app, token, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            return
        request = Request(scope)
        refused = self._refuse(request)
        if refused is not None:
            await refused(scope, receive, send)
            return
        most = MOST_UPLOADED if scope["path"] == "/api/upload" else MOST_BYTES
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > most:
            await refusal(413, f"got a body of {length} bytes; expected at most {most:,}.", "TooLarge")(
                scope, receive, send
            )
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *added]}
            await send(message)

        await self._app(scope, receive, with_headers)

    def _refuse(self, request: Request) -> ASGIApp | None:
        if self._hosts and request.headers.get("host", "") not in self._hosts:
            return refusal(
                421, "this server is not called so; open the address that it printed.", "WrongHost"
            )
        origin = request.headers.get("origin")
        if origin is not None and request.method != "GET":
            own = {f"http://{host}" for host in self._hosts or {request.headers.get("host", "")}}
            if origin not in own:
                return refusal(403, "another site may not change anything here.", "WrongOrigin")
        if request.url.path.startswith("/api/"):
            given = request.query_params.get("token") or request.headers.get("x-glassnet-token") or ""
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return refusal(
                    401,
                    "the token is missing or of another start; open the address that was printed last.",
                    "WrongToken",
                )
        return None
