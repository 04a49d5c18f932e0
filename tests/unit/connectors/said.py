"""What an exception tells whoever prints it, with all that hangs on it."""

from collections.abc import Iterator


def said(error: BaseException) -> str:
    """Return str and repr of the exception, its arguments, notes, causes, contexts and group members."""
    return "\n".join(
        f"{link} {link!r} {link.args!r} {getattr(link, '__notes__', '')}" for link in _chain(error, set())
    )


def _chain(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    yield from _chain(error.__cause__, seen)
    # A suppressed context is not printed, but it is there for whoever collects errors.
    yield from _chain(error.__context__, seen)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _chain(member, seen)
