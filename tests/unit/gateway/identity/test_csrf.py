import base64

import pytest

from gateway.errors import CrossSite
from gateway.identity import csrf

SESSION = "s" * 43


def test_the_sessions_own_token_passes() -> None:
    csrf.check(csrf.token(SESSION), csrf.token(SESSION))


def test_token_is_32_bytes_and_holds_nothing_of_the_id() -> None:
    token = csrf.token(SESSION)
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert "sss" not in token


@pytest.mark.parametrize(
    "offered",
    [
        None,
        "",
        csrf.token("t" * 43),
        csrf.token(SESSION)[:-1],
        csrf.token(SESSION) + "=",
        csrf.token(SESSION).swapcase(),
        SESSION,
        "令牌",
        "\udcff\udcfe",
    ],
)
def test_anything_else_is_refused(offered: str | None) -> None:
    with pytest.raises(CrossSite):
        csrf.check(csrf.token(SESSION), offered)


def test_an_undecodable_cookie_has_a_token_too() -> None:
    assert csrf.token("\udcff") != csrf.token("\udcfe")
