"""Find any changed, reordered, dropped or truncated record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from gateway.audit.anchor import Anchor, AnchorFault, AnchorLine
from gateway.audit.body import UnreadableBody, parse
from gateway.audit.chain import Head, following, genesis
from gateway.audit.event import EventAction
from gateway.audit.log import AuditLog, Evidence, Stored, evidence

_LOOKUPS = 500


@dataclass(frozen=True, slots=True)
class Report:
    """What verification found."""

    events: int
    """Events that are right, before the fault if there is one."""
    checkpoints: int = 0
    fault: str | None = None
    """One sentence that names chain and event of the first bad one."""


_DISAGREES = "the index of chain {} event {} does not agree with the event"


class _Fault(Exception):
    """Carry the sentence out to :func:`verify`."""


async def verify(log: AuditLog, anchor: Anchor) -> Report:
    """Check all evidence against itself, its index and the anchor.

    1. Every chain is recomputed: events numbered from 1 without gap, each body canonical enough to be
       read and naming its own place, each hash right, the first event and no other a ``chain:opened``.
    2. Each head that a ``chain:opened`` names stands in its chain.
    3. What is stored beside each body to find it by is what the body says, in the order of writing, and the
       index has the rows that follow from it, and no others.
    4. Every anchor line has a right HMAC, its chain's numbers rise, and the event it names is stored with
       that hash.
    5. A chain that goes beyond its opening has an anchor line: the first is synced before anything else is
       written.

    A database ahead of its anchor is right (see :class:`Anchor`), one behind is not. Memory is bounded by
    the number of chains. May run while events are written. Not found: events added at the end of a chain, or
    changed there, behind its last anchor line; what somebody did who may also write the anchor. Raises
    ``StoreUnavailable``, and ``OSError`` if the anchor cannot be read.
    """
    chains = _EvidenceCheck(log)
    try:
        async for batch in log.batches():
            await chains.check(batch)
        await _AnchorCheck(log, chains.ends).check(anchor)
        await _index_agrees(log)
    except _Fault as fault:
        return Report(chains.events, fault=str(fault))
    return Report(chains.events)


class _EvidenceCheck:
    """Recompute the chains, batch by batch."""

    def __init__(self, log: AuditLog) -> None:
        self.events = 0
        self.ends: dict[str, int] = {}
        self._log = log
        self._head = genesis("")
        self._id = 0
        self._named: set[Head] = set()

    async def check(self, batch: Sequence[Stored]) -> None:
        for row in batch:
            named = self._recompute(row.id, row.evidence)
            await self._heads_stand(row.evidence.chain, named)
            self.events += 1

    def _recompute(self, number: int, row: Evidence) -> Sequence[Head]:
        here = f"chain {row.chain} event {row.seq}"
        if row.chain != self._head.chain:
            self._head, self._id = genesis(row.chain), 0
        if row.seq != self._head.seq + 1:
            raise _Fault(f"chain {row.chain} event {self._head.seq + 1} is missing: event {row.seq} follows")
        head = following(self._head, row.body)
        if head.hash != row.hash:
            raise _Fault(f"{here} is not what its hash says: it or the hash was changed, or its place")
        try:
            recorded = parse(row.body)
        except UnreadableBody:
            raise _Fault(f"{here} cannot be read") from None
        if (recorded.chain, recorded.seq) != (row.chain, row.seq):
            raise _Fault(f"{here} says that it is chain {recorded.chain} event {recorded.seq}")
        if (recorded.event.action is EventAction.CHAIN_OPENED) != (row.seq == 1):
            raise _Fault(f"{here} is not what opens a chain, or opens one in its middle")
        if row != evidence(recorded.event, row.chain, row.seq, row.body, row.hash) or number <= self._id:
            raise _Fault(_DISAGREES.format(row.chain, row.seq))
        self._head, self._id = head, number
        self.ends[row.chain] = row.seq
        return recorded.event.heads

    async def _heads_stand(self, chain: str, named: Iterable[Head]) -> None:
        new = [head for head in named if head not in self._named]
        for head in new:
            await _stands(self._log, head.chain, {head.seq: head.hash}, f"the opening of chain {chain}")
            self._named.add(head)


async def _index_agrees(log: AuditLog) -> None:
    """Check each run against the events it should hold; those behind the last run have no index yet."""
    after = 0
    async for run in log.runs():
        if run.first != after + 1:
            raise _Fault(f"the index has no run that begins at event {after + 1}")
        for event in run.events:
            if run.postings.get(event.id) != event.postings:
                raise _Fault(_DISAGREES.format(event.chain, event.seq))
        times = [event.at for event in run.events]
        if (
            not times
            or (run.earliest, run.latest) != (min(times), max(times))
            or len(run.postings) > len(times)
        ):
            raise _Fault(f"the run of events {run.first} to {run.last} in the index does not agree with them")
        after = run.last
    stray = await log.stray()
    if stray is not None:
        raise _Fault(f"the index has rows of a run to event {stray} that it does not list")


class _AnchorCheck:
    """Compare the anchor's lines with the events they name."""

    def __init__(self, log: AuditLog, ends: dict[str, int]) -> None:
        self._log = log
        self._ends = ends
        self._anchored: dict[str, int] = {}

    async def check(self, anchor: Anchor) -> None:
        waiting: list[AnchorLine] = []
        try:
            for line in anchor.lines():
                waiting.append(line)
                if len(waiting) == _LOOKUPS:
                    await self._compare(waiting)
                    waiting = []
        except AnchorFault as fault:
            await self._compare(waiting)
            raise _Fault(str(fault)) from None
        await self._compare(waiting)
        for chain, end in self._ends.items():
            if end > 1 and chain not in self._anchored:
                raise _Fault(f"chain {chain} event 1 has no anchor line: lines were removed from the anchor")

    async def _compare(self, lines: Sequence[AnchorLine]) -> None:
        for chain, of_chain in groupby(lines, key=lambda line: line.head.chain):
            wanted: dict[int, bytes] = {}
            for line in of_chain:
                if line.head.seq <= self._anchored.get(chain, 0):
                    raise _Fault(f"anchor line {line.number} (chain {chain} event {line.head.seq}) goes back")
                self._anchored[chain] = line.head.seq
                wanted[line.head.seq] = line.head.hash
            await _stands(self._log, chain, wanted, "the anchor")


async def _stands(log: AuditLog, chain: str, wanted: dict[int, bytes], witness: str) -> None:
    """Check that the events of a chain are stored with the hashes that a witness names, in rising order."""
    stored = await log.hashes(chain, wanted)
    for seq, expected in wanted.items():
        if seq not in stored:
            end = await log.head(chain)
            if end is None:
                raise _Fault(f"chain {chain} event 1 and all others are missing: {witness} names event {seq}")
            gone = min(end.seq + 1, seq)
            raise _Fault(f"chain {chain} event {gone} is missing: {witness} names event {seq}")
        if stored[seq] != expected:
            raise _Fault(
                f"chain {chain} event {seq} is not the one that {witness} names: "
                "it, or one before it, was replaced"
            )
