"""The bodies of requests, which may not be longer than they need to be."""

import json
from typing import Any

from starlette.requests import Request

from glassnet.errors import InvalidDataError
from glassnet.studio.security import MOST_BYTES as MOST_BYTES


async def read_body(request: Request, most: int) -> bytes:
    """Return the body of a request, which may not be longer than so many bytes."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise InvalidDataError(f"got a body of more than {most:,} bytes; expected fewer.")
    return bytes(body)


async def read_json(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request brings."""
    try:
        value = json.loads(await read_body(request, MOST_BYTES))
    except (ValueError, RecursionError):
        raise InvalidDataError("got a body that is no JSON; expected an object.") from None
    if not isinstance(value, dict):
        raise InvalidDataError(f"got JSON of type {type(value).__name__}; expected an object.")
    return value
