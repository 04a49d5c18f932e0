"""One reader who signs in and asks, outside of any measurement: to warm up, to learn tokens, to check answers."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from typing import Any

import orjson

from benchmarks.cores import CannotMeasure

API = "/api/v1"
_PATIENCE_S = 60


@dataclass(slots=True)
class Reader:
    """A signed-in client on one connection."""

    address: tuple[str, int]
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    """What a browser would send with every request: the session, and the token of state-changing calls."""

    @classmethod
    def sign_in(cls, address: tuple[str, int], username: str, password: str) -> Reader:
        """Sign in."""
        reader = cls(address)
        connection = http.client.HTTPConnection(*address, timeout=_PATIENCE_S)
        connection.request("POST", f"{API}/session", *sign_in_request(username, password))
        answer = connection.getresponse()
        body = orjson.loads(answer.read())
        if answer.status != 201:
            raise CannotMeasure(f"sign-in was answered {answer.status} {body.get('code')}")
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        reader.headers = {"Cookie": cookie, "X-CSRF-Token": body["csrf_token"]}
        connection.close()
        return reader

    def ask(self, method: str, path: str, content: object = None) -> tuple[int, bytes, str]:
        """Return status, body and content type of one request."""
        connection = http.client.HTTPConnection(*self.address, timeout=_PATIENCE_S)
        headers, body = dict(self.headers), b""
        if content is not None:
            headers["Content-Type"] = "application/json"
            body = orjson.dumps(content)
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read(), answer.getheader("Content-Type") or ""
        connection.close()
        return found

    def json(self, method: str, path: str, content: object = None) -> Any:
        """Return the JSON of a good answer; raises CannotMeasure for any other."""
        status, body, _ = self.ask(method, path, content)
        if status != 200:
            raise CannotMeasure(f"{method} {path.partition('?')[0]} was answered {status}")
        return orjson.loads(body)

    def search(self, query: str, limit: int = 50) -> Any:
        """Search the reader's area."""
        return self.json("POST", f"{API}/residents/search", {"query": query, "limit": limit})


def sign_in_request(username: str, password: str) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a sign-in."""
    return orjson.dumps({"username": username, "password": password}), {"Content-Type": "application/json"}
