"""Answers of the server."""

from typing import Any

from starlette.responses import Response

from glassnet.studio._json import to_json


def answer(value: Any, status: int = 200) -> Response:
    """Return a value as JSON."""
    return Response(to_json(value), status, media_type="application/json")


def refusal(status: int, message: str, kind: str) -> Response:
    """Return an error as JSON."""
    return answer({"error": {"message": message, "kind": kind}}, status)
