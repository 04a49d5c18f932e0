"""Connectors that are wrong about refusals, or tell or go where they must not."""

from __future__ import annotations

from typing import Any

import httpx

from connectors import sdk
from connectors.sdk import Verdict
from tests.contract.wrong.right import Badge, BadgeLogin, Right


class _EveryRedirect(BadgeLogin):
    def verdict(self, response: httpx.Response, session: Badge) -> Verdict:
        return Verdict.EXPIRED if response.is_redirect else super().verdict(response, session)


class RedirectIsExpiry(Right):
    """Takes every redirect for the way to the login: each call would sign in again."""

    auth = _EveryRedirect()


class QuotaIsNobody(Right):
    """Takes a used-up quota for the answer that there is nobody."""

    def rows(self, said: dict[str, Any]) -> list[dict[str, str]]:
        return [] if said.get("code") == "quota" else super().rows(said)


class OverlooksErrors(Right):
    """Reads the rows of an answer that says that it is none."""

    def rows(self, said: dict[str, Any]) -> list[dict[str, str]]:
        return super().rows(said if said.get("code") == "quota" else said | {"success": True})


class QuotesTheSystem(Right):
    """Tells what the system said, and the system said the number."""

    def rows(self, said: dict[str, Any]) -> list[dict[str, str]]:
        if not said["success"] and "msg" in said:
            raise sdk.BadUpstreamData(f"refused: {said['msg']}")
        return super().rows(said)


class _GoodbyeElsewhere(BadgeLogin):
    def sign_out(self, session: Badge) -> sdk.Steps[None]:
        yield self.apply(httpx.Request("POST", "http://portal.example/logout"), session)


class SignsOutElsewhere(Right):
    """Takes its session to another host."""

    auth = _GoodbyeElsewhere()
