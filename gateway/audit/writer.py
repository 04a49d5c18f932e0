"""Write events before their answers leave: one chain a process, one commit for all who wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import structlog

from gateway.audit.anchor import Anchor
from gateway.audit.body import encoded, placed
from gateway.audit.chain import Head, digest, genesis, new_chain
from gateway.audit.event import GATEWAY_ITSELF, Event, EventAction, EventOutcome
from gateway.audit.log import AuditLog, Evidence, evidence
from gateway.audit.usage import UsageCounters
from gateway.clock import Clock
from gateway.errors import Busy, StoreUnavailable
from gateway.tasks import Tasks

log = structlog.get_logger()


class _Waiting(NamedTuple):
    """An event on its way, and the future that its caller awaits."""

    event: Event
    encoded: bytes
    written: asyncio.Future[None]


class AuditWriter:
    """Append events to this process's own chain.

    All events that arrive while one commit is under way go into the next, which starts as soon as that one
    has ended; there is no timer. An event counts as written when its commit and its anchor line are both
    done. After any failure the end of the chain is read back before the next group, because a commit may
    have landed although it raised. Fails closed: whoever waits while the store or the anchor fails gets
    ``StoreUnavailable``.
    """

    def __init__(
        self,
        audit_log: AuditLog,
        anchor: Anchor,
        usage: UsageCounters,
        clock: Clock,
        tasks: Tasks,
        *,
        queue: int = 4096,
        group: int = 256,
    ) -> None:
        """Take log and anchor, which their owners close, and how many events may wait and share a commit."""
        self._log = audit_log
        self._anchor = anchor
        self._usage = usage
        self._clock = clock
        self._tasks = tasks
        self._queue = queue
        self._group = group
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._accepting = False
        self._chain = ""
        self._head: Head | None = None
        """Where the chain ends; None if only the store can tell."""
        self._acknowledged = 0

    @property
    def chain(self) -> str:
        """Name of this process's chain."""
        return self._chain

    @property
    def accepting(self) -> bool:
        """Tell whether events are accepted; does not tell whether the store answers just now."""
        return self._accepting

    @property
    def waiting(self) -> int:
        """Return how many events wait for their group's commit."""
        return len(self._waiting)

    async def open(self) -> None:
        """Open a new chain, whose first event names the heads of all earlier ones, and recount today's usage.

        The anchor must be open. Raises ``StoreUnavailable``; then nothing is accepted, and it may be tried
        again.
        """
        now = self._clock.now()
        heads = await self._log.heads()
        self._chain = new_chain(now)
        self._head = genesis(self._chain)
        self._acknowledged = 0
        opened = Event(
            at=now,
            request_id="",
            actor=GATEWAY_ITSELF,
            action=EventAction.CHAIN_OPENED,
            outcome=EventOutcome.OK,
            assurance="",
            heads=heads,
        )
        await self._write([(opened, encoded(opened))])
        try:
            self._anchor.sync()
        except OSError as error:
            raise StoreUnavailable(f"anchor: {type(error).__name__}") from error
        await self._usage.rebuild(self._log, now.date())
        self._accepting = True
        self._running = self._tasks.start(self._run(), "audit-writer")

    async def append(self, event: Event) -> None:
        """Record an event; when this returns, it is durable and anchored.

        Raises :class:`Busy` if too many wait and ``StoreUnavailable`` if it could not be written; then
        nothing may be disclosed, though the event may stand in the log. A caller that is cancelled leaves
        its event behind, and it is still written.
        """
        if not self._accepting:
            raise StoreUnavailable("the audit trail is closed")
        if len(self._waiting) >= self._queue:
            raise Busy("audit")
        # Encoded here, so that an event that cannot be encoded fails alone.
        waiting = _Waiting(event, encoded(event), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._wake.set()
        await waiting.written

    async def close(self) -> None:
        """Take no more events, write those that wait, and sync the anchor."""
        self._accepting = False
        self._wake.set()
        if self._running is None:
            return
        await asyncio.wait([self._running])
        self._running = None
        try:
            self._anchor.sync()
        except OSError as error:
            # The lines are written; only a power cut could still take them.
            log.error("audit.anchor_not_synced", chain=self._chain, error=type(error).__name__)

    async def _run(self) -> None:
        try:
            while self._accepting or self._waiting:
                if self._waiting:
                    count = min(len(self._waiting), self._group)
                    await self._settle([self._waiting.popleft() for _ in range(count)])
                else:
                    self._wake.clear()
                    await self._wake.wait()
        finally:
            if self._accepting:
                log.error("audit.writer_ended", chain=self._chain)
            self._accepting = False
            self._refuse_waiting()

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        """Write a group and tell everybody in it; after a failure also everybody who waits behind it."""
        try:
            await self._write([(event, body) for event, body, _ in group])
        except StoreUnavailable as fault:
            log.error("audit.not_written", chain=self._chain, count=len(group), reason=str(fault))
            self._waiting.extendleft(reversed(group))
            self._refuse_waiting()
        except BaseException:
            # Cancelled, or a defect: the task ends, and `_run` refuses everybody.
            self._waiting.extendleft(reversed(group))
            raise
        else:
            for event, _, written in group:
                self._usage.count(event)
                if not written.done():
                    written.set_result(None)

    async def _write(self, events: Iterable[tuple[Event, bytes]]) -> None:
        head = self._head if self._head is not None else await self._read_back()
        chain, seq, last = head.chain, head.seq, head.hash
        group: list[Evidence] = []
        for event, encoded_event in events:
            seq += 1
            body = placed(encoded_event, chain, seq)
            last = digest(last, chain, seq, body)
            group.append(evidence(event, chain, seq, body, last))
        head = Head(chain, seq, last)
        # Until both have been done nobody knows where the chain ends.
        self._head = None
        await self._log.insert(group)
        try:
            self._anchor.append(head)
        except OSError as error:
            raise StoreUnavailable(f"anchor: {type(error).__name__}") from error
        self._head = head
        self._acknowledged = head.seq

    async def _read_back(self) -> Head:
        head = await self._log.head(self._chain) or genesis(self._chain)
        if head.seq < self._acknowledged:
            # Going on would give numbers twice; whoever reads the log must see the gap, not a patch over it.
            raise StoreUnavailable("the store has lost recorded events")
        return head

    def _refuse_waiting(self) -> None:
        for waiting in self._waiting:
            if not waiting.written.done():
                waiting.written.set_exception(StoreUnavailable("the audit record was not written"))
        self._waiting.clear()
