"""Connectors that are wrong about signing in."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from typing import Any

import httpx

from connectors import sdk
from connectors.sdk import Verdict, ask
from tests.contract.wrong.right import Badge, BadgeLogin, Right, RightContract


class _TwiceLogin(BadgeLogin):
    def sign_in(self, credential: sdk.Credential) -> sdk.Steps[Badge]:
        answer = yield self.login(credential)
        if b'"password"' in answer.content:
            answer = yield self.login(credential)
        return Badge(self.token(answer))


class TriesThePasswordTwice(Right):
    """Thinks that a rejected password may have been bad luck."""

    auth = _TwiceLogin()


class KeepsPages(Right):
    """Keeps the pages of a list from call to call: what came before an expiry comes twice."""

    def __init__(self, base_url: str, settings: sdk.ConnectorSettings) -> None:
        super().__init__(base_url, settings)
        self._kept: dict[str, list[sdk.Record]] = {}

    def committee(self, committee: str) -> sdk.Exchange:
        people = self._kept.setdefault(committee, [])
        for page in (1, 2):
            people += self.records((yield from self.asked({"committee": committee, "page": page})))
        return self._kept.pop(committee)


class _BlindLogin(BadgeLogin):
    def apply(self, request: httpx.Request, session: Badge) -> httpx.Request:
        request.headers.setdefault("X-Badge", session.token)
        return request

    def verdict(self, response: httpx.Response, session: Badge) -> Verdict:
        return Verdict.OK


class SignsInItself(Right):
    """Signs in again in the middle of its exchange, each call for itself."""

    auth = _BlindLogin()

    def asked(self, body: dict[str, Any]) -> Generator[Any, Any, httpx.Response]:
        answer = yield from super().asked(body)
        if b'"expired"' in answer.content:
            known = _BlindLogin().token((yield from ask(_BlindLogin().login(RightContract.credential))))
            again = self.post("/people", json.dumps(body).encode(), "application/json", {"X-Badge": known})
            answer = yield from ask(again)
        return answer


class _LosesLogin(BadgeLogin):
    def dump(self, session: Badge) -> Any:
        return {"token": session.token[:-1]}


class LosesStoredSessions(Right):
    """Stores a session otherwise than it is."""

    auth = _LosesLogin()


class PageIsNobody(Right):
    """Takes a page for the answer that there is nobody."""

    def parsed(self, text: str) -> dict[str, Any]:
        return {"success": True, "rows": []} if text.lstrip().startswith("<") else super().parsed(text)


class TrustsItsClock(Right):
    """Takes a system whose clock is off for one that refuses us."""

    def rows(self, said: dict[str, Any]) -> list[dict[str, str]]:
        if abs(said.get("time", time.time()) - time.time()) > 300:
            raise sdk.AuthRejected("clock")
        return super().rows(said)
