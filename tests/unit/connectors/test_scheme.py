"""What every scheme has by itself: storing, loading, renewing, looking."""

from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk import AuthScheme, Credential, FormLogin, OAuth2ClientCredentials, Steps, Verdict
from connectors.sdk.auth.form_login import CookieSession
from connectors.sdk.auth.oauth2 import BearerSession
from tests.unit.connectors.said import said

FORM = FormLogin(page="/in", action="/in", landing="/", username_field="u", password_field="p")
OAUTH2 = OAuth2ClientCredentials("/token")


@dataclass(frozen=True, slots=True)
class Pass:
    number: int
    words: tuple[str, ...] = field(repr=False)


class Gate(AuthScheme[Pass]):
    """A connector's own scheme."""

    def sign_in(self, credential: Credential) -> Steps[Pass]:
        response = yield httpx.Request("GET", "/")
        return Pass(response.status_code, (credential.username,))

    def apply(self, request: httpx.Request, session: Pass) -> httpx.Request:
        return request

    def verdict(self, response: httpx.Response, session: Pass) -> Verdict:
        return Verdict.OK


class WiderGate(Gate):
    """One more step down."""


@pytest.mark.parametrize("scheme", [Gate(), WiderGate()])
def test_a_scheme_of_ones_own_can_be_stored_without_a_word(scheme: Gate) -> None:
    session = Pass(7, ("哨兵",))
    assert scheme.dump(session) == {"number": 7, "words": ["哨兵"]}
    assert scheme.load({"number": 7, "words": ["哨兵"]}) == session


@given(cookies=st.dictionaries(st.text(), st.text()))
def test_cookies_come_back_as_they_were_stored(cookies: dict[str, str]) -> None:
    assert FORM.load(FORM.dump(CookieSession(cookies))) == CookieSession(cookies)


@given(token=st.text(), expires_at=st.floats(allow_nan=False, allow_infinity=False))
def test_a_token_comes_back_as_it_was_stored(token: str, expires_at: float) -> None:
    session = BearerSession(token, expires_at)
    assert OAUTH2.load(OAUTH2.dump(session)) == session


@pytest.mark.parametrize(
    "stored", [None, [], "哨兵", {}, {"cookies": "哨兵"}, {"cookies": {"哨兵": 1}}, {"token": "哨兵"}]
)
def test_anything_else_is_refused_without_quoting_it(stored: object) -> None:
    with pytest.raises(ValueError, match="stored session") as caught:
        FORM.load(stored)
    assert "哨兵" not in said(caught.value)


def test_a_scheme_that_does_not_name_its_session_cannot_store_it() -> None:
    class Nameless(AuthScheme):  # type: ignore[type-arg]
        """Says nothing of S."""

        sign_in = Gate.sign_in
        apply = Gate.apply
        verdict = Gate.verdict

    with pytest.raises(TypeError, match="names its session"):
        Nameless().dump(Pass(1, ()))


def test_renewing_is_signing_in_unless_the_scheme_knows_better() -> None:
    steps = Gate().renew(Credential("a", "b"), Pass(1, ()))
    assert next(steps).url.path == "/"
    with pytest.raises(StopIteration) as stop:
        steps.send(httpx.Response(204))
    assert stop.value.value == Pass(204, ("a",))


def test_there_is_nothing_to_look_at_unless_the_scheme_says_so() -> None:
    with pytest.raises(StopIteration) as stop:
        next(Gate().look())
    assert stop.value.value == ""
