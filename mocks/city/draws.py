"""Chance that comes out the same on every machine.

Two sorts: a `Deck` while the city is built, whose shares hold even in one committee; and `mix`, a hash of
numbers, for facts that are worked out only when somebody asks, in whatever order they ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Deck(Generic[T]):
    """Deal cards in random order, each as often as its weight before the deck is shuffled anew."""

    __slots__ = ("_cards", "_rest", "_rng")

    def __init__(self, rng: Random, weighted: Iterable[tuple[T, int]]) -> None:
        """Take pairs of card and weight."""
        self._rng = rng
        self._cards = [card for card, weight in weighted for _ in range(weight)]
        self._rest: list[T] = []

    def deal(self) -> T:
        """Return the next card."""
        if not self._rest:
            self._rest = self._cards.copy()
            self._rng.shuffle(self._rest)
        return self._rest.pop()


def mix(*numbers: int) -> int:
    """Hash numbers to 64 bits (the finaliser of splitmix64); never Python's own salted `hash`."""
    state = 0
    for number in numbers:
        state = (state + number + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state


def chance(percent: int, *numbers: int) -> bool:
    """Say yes for that share of all number tuples, always the same for one."""
    return mix(*numbers) % 100 < percent


def choose(options: Sequence[T], *numbers: int) -> T:
    """Pick one option, always the same for one tuple of numbers."""
    return options[mix(*numbers) % len(options)]
