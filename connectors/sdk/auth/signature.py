"""How a request is signed: what is put into the text to sign, how it is digested, in which headers it goes.

Pure and shared by both sides: :class:`~connectors.sdk.auth.signed.SignedRequests` signs with a style, and a
mock verifies with the same one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import httpx
from cryptography.hazmat.primitives import hashes, hmac


class Part(StrEnum):
    """Name what may go into the text to sign."""

    BODY = "body"
    """Digest of the body as it is sent, lower-case hexadecimal, by the algorithm of the signature."""
    CLIENT = "client"
    METHOD = "method"
    """Upper case."""
    NONCE = "nonce"
    PATH = "path"
    """As sent, percent-encoded, without the query."""
    QUERY = "query"
    """As sent, without the question mark."""
    SECRET = "secret"  # noqa: S105  # a part's name
    TIMESTAMP = "timestamp"


Canonical = Callable[[Mapping[Part, str]], str]
"""Make the text to sign from the parts: :class:`Joined`, :class:`Named`, or the author's own function."""

WHOLE_REQUEST = (Part.METHOD, Part.PATH, Part.QUERY, Part.BODY, Part.CLIENT, Part.TIMESTAMP, Part.NONCE)
"""Everything that makes one request another."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Put the parts one behind the other.

    With line feeds between them and :data:`WHOLE_REQUEST` a signature fits one request alone, for no part can
    hold a line feed. NOT guaranteed for other joiners and fewer parts, which real systems ask for: there only
    the nonce, refused the second time, keeps a signature from being used for something else.
    """

    parts: tuple[Part, ...] = WHOLE_REQUEST
    joiner: str = "\n"
    ordered: bool = False
    """Sort the values first, as "SHA1 of the sorted parameters" styles do."""

    def __call__(self, values: Mapping[Part, str]) -> str:
        """Return the values of the parts, joined."""
        chosen = [values[part] for part in self.parts]
        return self.joiner.join(sorted(chosen) if self.ordered else chosen)


@dataclass(frozen=True, slots=True)
class Named:
    """Write ``name=value`` pairs sorted by name, joined with ``&``; the secret, if any, comes last."""

    names: Mapping[Part, str]
    """Part -> the name that the system gives it."""
    secret_name: str | None = None
    """Name of the secret behind the pairs (``&key=...``); None for keyed digests, which hold it already."""

    def __call__(self, values: Mapping[Part, str]) -> str:
        """Return the pairs as one text."""
        pairs = sorted((name, values[part]) for part, name in self.names.items())
        if self.secret_name:
            pairs.append((self.secret_name, values[Part.SECRET]))
        return "&".join(f"{name}={value}" for name, value in pairs)


class Algorithm(StrEnum):
    """Name a digest. The plain ones are weak and there because systems in service ask for them."""

    HMAC_SHA256 = "hmac-sha256"
    """RFC 2104 with SHA-256."""
    HMAC_SM3 = "hmac-sm3"
    """RFC 2104 with SM3 (GB/T 32905)."""
    MD5 = "md5"
    """Plain: the text to sign must hold the secret."""
    SHA1 = "sha1"
    """Plain: the text to sign must hold the secret."""

    @property
    def keyed(self) -> bool:
        """Tell whether the secret is the key of the digest, and not a part of the text."""
        return self in {Algorithm.HMAC_SHA256, Algorithm.HMAC_SM3}

    def digest(self, content: bytes) -> bytes:
        """Return the plain digest, without a key."""
        state = hashes.Hash(_HASHES[self])
        state.update(content)
        return state.finalize()

    def sign(self, secret: bytes, text: bytes) -> bytes:
        """Return the digest of the text, keyed with the secret where the algorithm is."""
        if not self.keyed:
            return self.digest(text)
        state = hmac.HMAC(secret, _HASHES[self])
        state.update(text)
        return state.finalize()


_HASHES: Mapping[Algorithm, hashes.HashAlgorithm] = {
    Algorithm.HMAC_SHA256: hashes.SHA256(),
    Algorithm.HMAC_SM3: hashes.SM3(),
    Algorithm.MD5: hashes.MD5(),  # noqa: S303  # the upstream's choice, not ours
    Algorithm.SHA1: hashes.SHA1(),  # noqa: S303  # as above
}


class Encoding(StrEnum):
    """Name how the signature's bytes are written."""

    BASE64 = "base64"
    HEX = "hex"
    HEX_UPPER = "hex-upper"

    def write(self, content: bytes) -> str:
        """Return the bytes as text."""
        if self is Encoding.BASE64:
            return base64.b64encode(content).decode("ascii")
        return content.hex().upper() if self is Encoding.HEX_UPPER else content.hex()


@dataclass(frozen=True, slots=True)
class Seal:
    """What is signed besides the request: who, with what, when, and the number used once."""

    client: str = field(repr=False)
    secret: str = field(repr=False)
    timestamp: str
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningStyle:
    """Describe one system's way to sign. Raises ValueError for a style that would not hold the secret."""

    algorithm: Algorithm = Algorithm.HMAC_SHA256
    canonical: Canonical = field(default_factory=Joined)
    encoding: Encoding = Encoding.BASE64
    ticks_per_s: int = 1000
    """Of the timestamp: 1000 for milliseconds, 1 for seconds."""
    client_header: str = "X-Client-Id"
    timestamp_header: str = "X-Timestamp"
    nonce_header: str = "X-Nonce"
    signature_header: str = "X-Signature"
    body_header: str | None = None
    """Header that repeats the digest of the body, where the system wants one."""

    def __post_init__(self) -> None:
        """Find out whether the secret gets into a plain digest, and stays out of the text of a keyed one."""
        values = {part: f"<{part}>" for part in Part}
        if (values[Part.SECRET] in self.canonical(values)) is self.algorithm.keyed:
            raise ValueError("the secret is a part of the text of a plain digest, and of no other")

    def body_digest(self, request: httpx.Request) -> str:
        """Return the digest of the body, lower-case hexadecimal."""
        return self.algorithm.digest(request.content).hex()

    def signature(self, request: httpx.Request, seal: Seal) -> str:
        """Return the signature of a request whose URL is absolute, encoded."""
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        values = {
            Part.BODY: self.body_digest(request),
            Part.CLIENT: seal.client,
            Part.METHOD: request.method,
            Part.NONCE: seal.nonce,
            Part.PATH: path,
            Part.QUERY: query,
            Part.SECRET: seal.secret,
            Part.TIMESTAMP: seal.timestamp,
        }
        text = self.canonical(values).encode()
        return self.encoding.write(self.algorithm.sign(seal.secret.encode(), text))

    def headers(self, request: httpx.Request, seal: Seal) -> dict[str, str]:
        """Return all headers that make the request a signed one."""
        headers = {
            self.client_header: seal.client,
            self.timestamp_header: seal.timestamp,
            self.nonce_header: seal.nonce,
            self.signature_header: self.signature(request, seal),
        }
        if self.body_header:
            headers[self.body_header] = self.body_digest(request)
        return headers
