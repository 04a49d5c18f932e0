"""Signing styles: against published vectors, the standard library, and each other."""

import hashlib
import hmac
from base64 import b64encode
from typing import cast

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.sdk.auth.signature import (
    WHOLE_REQUEST,
    Algorithm,
    Encoding,
    Joined,
    Named,
    Part,
    Seal,
    SigningStyle,
)

SEAL = Seal("gateway", "哨兵secret", "1790000000000", "a1b2c3")
REQUEST = httpx.Request("POST", "http://line.example:8080/api/%E6%9F%A5?page=1&a=", content="{𠮷}".encode())
PLAIN = {Algorithm.MD5: hashlib.md5, Algorithm.SHA1: hashlib.sha1}


def sm3(content: bytes = b"") -> "hashlib._Hash":
    return hashlib.new("sm3", content)


@pytest.mark.parametrize(
    ("algorithm", "key", "text", "digest"),
    [
        # RFC 4231 sections 4.2 to 4.4
        (
            Algorithm.HMAC_SHA256,
            b"\x0b" * 20,
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            Algorithm.HMAC_SHA256,
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            Algorithm.HMAC_SHA256,
            b"\xaa" * 20,
            b"\xdd" * 50,
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
    ],
)
def test_hmac_sha256_as_published(algorithm: Algorithm, key: bytes, text: bytes, digest: str) -> None:
    assert algorithm.sign(key, text).hex() == digest


@pytest.mark.parametrize(
    ("algorithm", "text", "digest"),
    [
        # GB/T 32905-2016 annex A
        (
            Algorithm.HMAC_SM3,
            b"abc",
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        ),
        (
            Algorithm.HMAC_SM3,
            b"abcd" * 16,
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
        ),
        (Algorithm.MD5, b"abc", "900150983cd24fb0d6963f7d28e17f72"),  # RFC 1321 section A.5
        (Algorithm.SHA1, b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),  # RFC 3174 section 7.3
    ],
)
def test_plain_digests_as_published(algorithm: Algorithm, text: bytes, digest: str) -> None:
    assert algorithm.digest(text).hex() == digest


@given(key=st.binary(max_size=100), text=st.binary(max_size=100))
def test_hmac_sm3_is_hmac_over_sm3(key: bytes, text: bytes) -> None:
    assert Algorithm.HMAC_SM3.sign(key, text) == hmac.new(key, text, sm3).digest()


def test_the_style_of_the_data_exchange() -> None:
    """Base64(HMAC-SHA256(id + timestamp + nonce)), in the X- headers."""
    parts = (Part.CLIENT, Part.TIMESTAMP, Part.NONCE)
    style = SigningStyle(canonical=Joined(parts, joiner=""), body_header="X-Digest")
    expected = hmac.new("哨兵secret".encode(), b"gateway1790000000000a1b2c3", "sha256").digest()
    assert style.headers(REQUEST, SEAL) == {
        "X-Client-Id": "gateway",
        "X-Timestamp": "1790000000000",
        "X-Nonce": "a1b2c3",
        "X-Signature": b64encode(expected).decode(),
        "X-Digest": hashlib.sha256("{𠮷}".encode()).hexdigest(),
    }


def test_the_whole_request_line_by_line_with_sm3() -> None:
    digest = sm3("{𠮷}".encode()).hexdigest()
    text = f"POST\n/api/%E6%9F%A5\npage=1&a=\n{digest}\ngateway\n1790000000000\na1b2c3"
    style = SigningStyle(algorithm=Algorithm.HMAC_SM3, encoding=Encoding.HEX)
    assert style.signature(REQUEST, SEAL) == hmac.new("哨兵secret".encode(), text.encode(), sm3).hexdigest()


def test_sorted_values_with_sha1() -> None:
    parts = (Part.SECRET, Part.TIMESTAMP, Part.NONCE)
    style = SigningStyle(
        algorithm=Algorithm.SHA1,
        canonical=Joined(parts, joiner="", ordered=True),
        encoding=Encoding.HEX,
    )
    text = "1790000000000a1b2c3哨兵secret"
    assert style.signature(REQUEST, SEAL) == PLAIN[Algorithm.SHA1](text.encode()).hexdigest()


def test_named_pairs_and_the_key_at_the_end_with_md5() -> None:
    names = {Part.TIMESTAMP: "timestamp", Part.CLIENT: "appId", Part.NONCE: "nonce"}
    style = SigningStyle(
        algorithm=Algorithm.MD5, canonical=Named(names, secret_name="key"), encoding=Encoding.HEX_UPPER
    )
    text = "appId=gateway&nonce=a1b2c3&timestamp=1790000000000&key=哨兵secret"
    assert style.signature(REQUEST, SEAL) == PLAIN[Algorithm.MD5](text.encode()).hexdigest().upper()


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_style_holds_the_secret_in_exactly_one_way(algorithm: Algorithm) -> None:
    bare = Joined((Part.CLIENT, Part.NONCE))
    held = Joined((Part.CLIENT, Part.NONCE, Part.SECRET))
    SigningStyle(algorithm=algorithm, canonical=bare if algorithm.keyed else held)
    with pytest.raises(ValueError, match="secret"):
        SigningStyle(algorithm=algorithm, canonical=held if algorithm.keyed else bare)


WORD = st.text(alphabet="abc123-._", max_size=6)
REQUESTS = st.tuples(
    st.sampled_from(["GET", "POST", "PUT"]), WORD, WORD, st.binary(max_size=6), WORD, WORD, WORD
)
Drawn = tuple[str, str, str, bytes, str, str, str]
STYLES = [
    SigningStyle(
        algorithm=algorithm,
        canonical=Joined() if algorithm.keyed else Joined((*WHOLE_REQUEST, Part.SECRET)),
    )
    for algorithm in Algorithm
]


def signature(style: SigningStyle, drawn: Drawn) -> str:
    method, path, query, body, client, timestamp, nonce = drawn
    request = httpx.Request(method, f"http://line.example/p{path}?q{query}", content=body)
    return style.signature(request, Seal(client, "secret", timestamp, nonce))


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.algorithm)
@given(one=REQUESTS, other=REQUESTS)
def test_requests_that_differ_anywhere_have_different_signatures(
    style: SigningStyle, one: Drawn, other: Drawn
) -> None:
    assert (signature(style, one) == signature(style, other)) is (one == other)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.algorithm)
@given(drawn=REQUESTS, where=st.integers(0, 6), other=REQUESTS)
def test_a_change_in_one_place_is_enough(style: SigningStyle, drawn: Drawn, where: int, other: Drawn) -> None:
    assume(drawn[where] != other[where])
    changed = cast("Drawn", (*drawn[:where], other[where], *drawn[where + 1 :]))
    assert signature(style, drawn) != signature(style, changed)


def test_neither_client_nor_secret_shows() -> None:
    assert "哨兵" not in repr(SEAL)
    assert "gateway" not in repr(SEAL)
