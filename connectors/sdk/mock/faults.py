"""The switches that make a mock behave as badly as real systems do."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Faults(BaseModel):
    """One set of switches.

    ``PUT /_mock/faults`` replaces the whole set, so ``{}`` makes the mock well again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    latency_ms: int = Field(default=0, ge=0, le=600_000)
    """Added to every answer."""
    error_rate: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of requests answered with 500 and a page of noise."""
    hang: bool = False
    """Take requests and never answer while this is on."""
    expire_sessions: bool = False
    """End all upstream sessions once, at the moment this is switched on."""
    login_form_changed: bool = False
    """Show another login form (or token contract) than the connectors know."""
    captcha: bool = False
    """Ask for a captcha at the login page, where the system has such a page."""
    maintenance: bool = False
    """Answer everything with the system's maintenance notice."""
    charset: str | None = None
    """Send the bytes of this charset (e.g. ``utf-8``) under the declaration of the usual one."""
    mojibake: bool = False
    """Break one character of every answer, so that its bytes fit no charset."""
    rewrite: dict[str, str] = Field(default={}, max_length=20)
    """Write another text in the place of one, in every answer: what a connector makes of it is to be seen."""
    truncate: bool = False
    """Cut every answer's body in half."""
    duplicate: bool = False
    """List whoever is found a second time, under a second number of the system's own, where the mock can."""
    business_error: bool = False
    """Answer calls with 200 and the system's own error, which quotes the question."""
    login_page: bool = False
    """Answer calls with 200 and a login page, whoever is signed in."""
    quota: int | None = Field(default=None, ge=0)
    """Answer at most so many calls from now on, then refuse in the system's own way."""
    garbage: bool = False
    """Answer 200 with random bytes under the usual content type."""
    oversize_mb: int = Field(default=0, ge=0, le=1024)
    """Answer 200 with so many megabytes."""
    redirect_elsewhere: bool = False
    """Redirect every call to another host."""
    drip: bool = False
    """Send bodies a few bytes a second."""
    retry_after_s: int | None = Field(default=None, ge=0)
    """Answer calls with 429; 0 sends no Retry-After header."""
    clock_skew_s: int = 0
    """Seconds by which the mock's clock is off."""

    @field_validator("charset")
    @classmethod
    def _known_charset(cls, name: str | None) -> str | None:
        try:
            "".encode(name or "utf-8")
        except LookupError:
            raise ValueError("not a charset that Python knows") from None
        return name
