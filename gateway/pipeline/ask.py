"""Ask several systems one question at once, and say how each stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sdk import AuthRejected, BadUpstreamData, CaptchaRequired, NotFound, TimedOut, UpstreamError
from gateway.model import CacheState, SourceState, SourceStatus
from gateway.upstream.reasons import InMaintenance, NeedsAttention, NotAsked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from connectors.sdk import Record
    from gateway.cache.memory import Answer, Question
    from gateway.pipeline.ruling import Ruling
    from gateway.pipeline.step import Ask, Flight

DENIED = SourceStatus(SourceState.DENIED)

_FAILURES: tuple[tuple[type[UpstreamError], SourceState], ...] = (
    (NotFound, SourceState.NOT_FOUND),
    (TimedOut, SourceState.TIMEOUT),
    (BadUpstreamData, SourceState.DRIFTED),
)

_DETAILS: tuple[tuple[type[UpstreamError], str], ...] = (
    (AuthRejected, NeedsAttention.detail),
    (CaptchaRequired, "captcha"),
)

_GRAVITY = [
    SourceState.DENIED,
    SourceState.NOT_FOUND,
    SourceState.OK,
    SourceState.STALE,
    SourceState.TIMEOUT,
    SourceState.DRIFTED,
    SourceState.UNAVAILABLE,
]


async def settled(
    ask: Ask, question: Question, answer_by: float, flight: Flight | None = None
) -> Answer | UpstreamError:
    """Return the answer, or the failure as a value."""
    try:
        return await ask(question, answer_by, flight)
    except UpstreamError as error:
        return error


async def ask_all(
    asks: Mapping[str, Ask], question: Question, answer_by: float
) -> dict[str, Answer | UpstreamError]:
    """Ask several systems one question at once; each settles by itself at the answer deadline.

    What is fresh in the cache is taken as it is: a task for it would cost more than the answer. All others
    are under way before the first is waited for.
    """
    answers: dict[str, Answer | UpstreamError] = {}
    flights: dict[str, Flight] = {}
    for name, ask in asks.items():
        answer = ask.fresh(question)
        if answer is None:
            flights[name] = ask.begin(question)
        else:
            answers[name] = answer
    for name, flight in flights.items():
        answers[name] = await settled(asks[name], question, answer_by, flight)
    return {name: answers[name] for name in asks}


def replies(answers: Mapping[str, Answer | UpstreamError]) -> dict[str, tuple[tuple[Record, ...], datetime]]:
    """Return the records of the systems that answered."""
    return {
        name: (answer.records, answer.as_of)
        for name, answer in answers.items()
        if not isinstance(answer, UpstreamError)
    }


def state_of(error: UpstreamError) -> SourceState:
    """Return how a system stands that failed so."""
    known = (state for kind, state in _FAILURES if isinstance(error, kind))
    return next(known, SourceState.UNAVAILABLE)


def status_of(answer: Answer | UpstreamError) -> SourceStatus:
    """Return how a system stands that gave this answer or failed so; never with its words."""
    if isinstance(answer, UpstreamError):
        until = answer.until if isinstance(answer, InMaintenance) else None
        return SourceStatus(state_of(answer), detail=_detail_of(answer), until=until)
    if answer.cache is CacheState.STALE:
        return SourceStatus(SourceState.STALE, answer.as_of, answer.cache, answer.detail, answer.until)
    return SourceStatus(
        SourceState.OK if answer.records else SourceState.NOT_FOUND, answer.as_of, answer.cache
    )


def _detail_of(error: UpstreamError) -> str | None:
    """Return why it failed, a fixed word, where somebody can do something about it or knows its end."""
    if isinstance(error, NotAsked):
        return error.detail
    return next((word for kind, word in _DETAILS if isinstance(error, kind)), None)


def worst(many: Iterable[Mapping[str, SourceStatus]]) -> dict[str, SourceStatus]:
    """Return per system the gravest of several statuses: what a page about several people must own up to."""
    gravest: dict[str, SourceStatus] = {}
    for one in many:
        for name, status in one.items():
            gravest[name] = max(
                gravest.get(name, status), status, key=lambda status: _GRAVITY.index(status.status)
            )
    return gravest


def standing(
    ruling: Ruling, order: Iterable[str], asked: Mapping[str, SourceStatus]
) -> dict[str, SourceStatus]:
    """Return the statuses in the configured order: ``denied`` of those that this reader may not ask."""
    return {
        name: asked[name] if name in ruling.allowed else DENIED
        for name in order
        if name in asked or name not in ruling.allowed
    }


def fresh_until(answers: Iterable[Answer | UpstreamError]) -> float:
    """Return the monotonic time until which these very answers would be given again, 0 if they would not."""
    ends = (
        answer.fresh_until
        if not isinstance(answer, UpstreamError) and answer.cache is CacheState.HIT
        else 0.0
        for answer in answers
    )
    return min(ends, default=0.0)
