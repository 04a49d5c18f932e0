"""How a description says that its system is signed in to. The names are those of the SDK's schemes."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from connectors.declarative.part import Charset, Part, Path, Words
from connectors.sdk import (
    Algorithm,
    ApiKey,
    AuthScheme,
    Basic,
    Encoding,
    FormLogin,
    Joined,
    Named,
    NoSignIn,
    OAuth2ClientCredentials,
    Refusals,
    SignedRequests,
    SigningStyle,
)
from connectors.sdk import Part as SignedPart

Header = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
_Algorithm = Annotated[Algorithm, Field(strict=False)]
_Encoding = Annotated[Encoding, Field(strict=False)]
_SignedPart = Annotated[SignedPart, Field(strict=False)]


class RefusalsPart(Part):
    """:class:`connectors.sdk.Refusals`: what the system says in JSON to whom it does not let in."""

    member: str = "code"
    expired: Words = ()
    rejected: Words = ()

    def made(self) -> Refusals:
        """Return the SDK's own."""
        return Refusals(
            member=self.member, expired=frozenset(self.expired), rejected=frozenset(self.rejected)
        )


class ApiKeyWay(Part):
    """:class:`connectors.sdk.ApiKey`."""

    check: Path
    header: Header = "X-Api-Key"
    prefix: str = ""
    name_header: Header | None = None
    refusals: RefusalsPart = RefusalsPart()

    def made(self) -> AuthScheme[Any]:
        """Return the scheme."""
        return ApiKey(**{**_own(self), "refusals": self.refusals.made()})


class BasicWay(Part):
    """:class:`connectors.sdk.Basic`."""

    check: Path
    charset: Charset = "utf-8"
    refusals: RefusalsPart = RefusalsPart()

    def made(self) -> AuthScheme[Any]:
        """Return the scheme."""
        return Basic(**{**_own(self), "refusals": self.refusals.made()})


class OAuth2Way(Part):
    """:class:`connectors.sdk.OAuth2ClientCredentials`."""

    path: Path
    scope: str = ""

    def made(self) -> AuthScheme[Any]:
        """Return the scheme."""
        return OAuth2ClientCredentials(self.path, self.scope)


class FormLoginWay(Part):
    """:class:`connectors.sdk.FormLogin`."""

    page: Path
    action: Path
    username_field: str
    password_field: str
    landing: Path
    sign_out_page: Path | None = None
    captcha_field: str | None = None
    expired_marker: str = 'type="password"'
    maintenance_marker: str | None = None
    stale_marker: str | None = None
    charset: Charset = "utf-8"

    def made(self) -> AuthScheme[Any]:
        """Return the scheme."""
        return FormLogin(**{**_own(self), "expired_marker": self.expired_marker.encode(self.charset)})


class JoinedPart(Part):
    """:class:`connectors.sdk.Joined`."""

    parts: Annotated[tuple[_SignedPart, ...], Field(strict=False, min_length=1)]
    joiner: str = "\n"
    ordered: bool = False


class NamedPart(Part):
    """:class:`connectors.sdk.Named`: part -> the name that the system gives it."""

    names: Annotated[dict[_SignedPart, str], Field(min_length=1)]
    secret_name: str | None = None


class SignedWay(Part):
    """:class:`connectors.sdk.SignedRequests` with its :class:`connectors.sdk.SigningStyle`."""

    check: Path
    algorithm: _Algorithm = Algorithm.HMAC_SHA256
    encoding: _Encoding = Encoding.BASE64
    joined: JoinedPart | None = None
    named: NamedPart | None = None
    ticks_per_s: int = Field(default=1000, ge=1, le=1_000_000)
    client_header: Header = "X-Client-Id"
    timestamp_header: Header = "X-Timestamp"
    nonce_header: Header = "X-Nonce"
    signature_header: Header = "X-Signature"
    body_header: Header | None = None
    refusals: RefusalsPart = RefusalsPart()

    @model_validator(mode="after")
    def _holds_the_secret(self) -> Self:  # noqa: N804  # made already, so it is the part itself
        if self.joined and self.named:
            raise ValueError("give joined or named, not both")
        self.made()  # SigningStyle raises for a text without the secret, or with it where it is the key
        return self

    def made(self) -> AuthScheme[Any]:
        """Return the scheme; raises ValueError as SigningStyle does."""
        canonical = Joined(**_own(self.joined)) if self.joined else Joined()
        own = {name: value for name, value in _own(self).items() if name in _STYLE}
        style = SigningStyle(**own, canonical=Named(**_own(self.named)) if self.named else canonical)
        return SignedRequests(check=self.check, style=style, refusals=self.refusals.made())


_STYLE = {one.name for one in fields(SigningStyle)}


class NoneWay(Part):
    """:class:`connectors.sdk.NoSignIn`."""

    def made(self) -> AuthScheme[Any]:
        """Return the scheme."""
        return NoSignIn()


class Auth(Part):
    """Name exactly one way to sign in, with its settings; written ``auth: none`` where there is none."""

    api_key: ApiKeyWay | None = None
    basic: BasicWay | None = None
    form_login: FormLoginWay | None = None
    none: NoneWay | None = None
    oauth2: OAuth2Way | None = None
    signed: SignedWay | None = None

    @model_validator(mode="before")
    @classmethod
    def _one(cls, given: Any) -> Any:
        ways = ", ".join(cls.model_fields)
        if given == "none":
            return {"none": {}}
        if not isinstance(given, dict) or len(given) != 1:
            raise ValueError(f"must be one of {ways}, with its settings")
        if None in given.values():
            return {name: {} for name in given}  # then what it lacks is told
        return given

    def made(self) -> AuthScheme[Any]:
        """Return the scheme that is named."""
        (way,) = (way for name in type(self).model_fields if (way := getattr(self, name)) is not None)
        scheme: AuthScheme[Any] = way.made()
        return scheme


def _own(part: Part) -> dict[str, Any]:
    return {name: getattr(part, name) for name in type(part).model_fields}
