"""Who has left: their personal upstream sessions end with their last session here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gateway.upstream.accounts import Accounts


class Leaving:
    """Sign people out of the line systems once they have no session here any more.

    Whoever signs out is seen off at once; whose session ran out, was ended by another worker or with a
    disabled account, at the next :meth:`sweep`.
    """

    def __init__(self, accounts: Sequence[Accounts], here: Callable[[str], Awaitable[bool]]) -> None:
        """Take the accounts of all systems, and what tells whether somebody still has a session here."""
        self._accounts = [one for one in accounts if one.personal]
        self._here = here

    async def left(self, reader: str) -> None:
        """See somebody off who has ended a session: it may not have been the last."""
        if not self._accounts:
            return
        try:
            if await self._here(reader):
                return
        except StoreUnavailable:
            return  # the next sweep asks again
        await asyncio.gather(*(accounts.end(reader) for accounts in self._accounts))

    async def sweep(self) -> None:
        """See off all who have gone unseen."""
        readers = {reader for accounts in self._accounts for reader in accounts.signed_in}
        await asyncio.gather(*(self.left(reader) for reader in readers))
