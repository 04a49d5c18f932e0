"""How a check ends that does not pass, and what an exception tells whoever prints it."""

from __future__ import annotations

from collections.abc import Iterator


class Broken(AssertionError):
    """The connector breaks its contract; ``str()`` is a plain sentence for its author."""


class NotPossible(Exception):
    """A check cannot be made: an operation that the connector lacks, a switch that the system lacks."""


def said(error: BaseException) -> str:
    """Return str, repr, arguments and notes of an exception and of all that hangs on it.

    A suppressed context is not printed, but it is there for whoever collects errors: it counts.
    """
    return "\n".join(
        f"{link} {link!r} {link.args!r} {getattr(link, '__notes__', '')}" for link in _chain(error, set())
    )


def _chain(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    yield from _chain(error.__cause__, seen)
    yield from _chain(error.__context__, seen)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _chain(member, seen)
