"""A hamlet: three small line systems, readers with roles, and the whole pipeline over them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from connectors.sdk import FindHousehold, FindPerson
from gateway.audit.event import Event
from gateway.audit.recorder import Recorder
from gateway.cache.memory import MemoryCache
from gateway.model import Call, Outcome, SearchPeople
from gateway.pipeline.build import Pipeline, build
from gateway.tasks import Tasks
from gateway.upstream.system import LineSystem, fields_of
from policies.documents import Grant, Purpose, Quota, Reveal, Role, Where
from policies.engine import Engine
from policies.model import Action, Effect, RoleInScope, Subject
from tests.unit.gateway.audit.trail import Open, Trail
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, Card, CardConnector, Cards, line

BASE = "household"
SYSTEMS = (BASE, "elderly", "relief")
LOOKS = (Action.SEARCH, Action.READ)

SHOW, MASK, WITHHOLD = Effect.SHOW, Effect.MASK, Effect.WITHHOLD
EVERYBODY = Where(region="own", children=("daily_service", "visit"))
"""Of the reader's own area, children too."""


def grant(
    system: str, where: Where = EVERYBODY, actions: Iterable[Action] = LOOKS, **fields: Effect
) -> Grant:
    return Grant(system=system, actions=tuple(actions), where=where, fields=fields)


CADRE = Role(
    role="cadre",
    title="居委干部",
    grants=(
        grant(
            BASE,
            name=SHOW,
            gender=SHOW,
            birth_date=SHOW,
            age=SHOW,
            id_number=MASK,
            phone=MASK,
            door=SHOW,
            tags=SHOW,
        ),
        grant("elderly", name=SHOW, age=SHOW, phone=MASK, care_level=SHOW, tags=SHOW),
        grant("relief", actions=[Action.READ], name=SHOW, relief_benefits=MASK, phone=WITHHOLD),
    ),
    reveal=(Reveal(fields=("id_number", "phone"), purposes=("visit",), for_seconds=60),),
    quota=Quota(residents_per_day=3, reveals_per_day=2),
)
SERVICE = Role(
    role="service",
    title="为老服务队",
    grants=(
        grant(BASE, Where(region="own", age_from=80), name=SHOW, age=SHOW, door=SHOW),
        grant("elderly", Where(region="own", age_from=80), name=SHOW, care_level=SHOW),
    ),
)
AUDITOR = Role(role="auditor", title="审计员")
ROLES = {role.role: role for role in (CADRE, SERVICE, AUDITOR)}
PURPOSES = {
    "daily_service": Purpose(title="日常服务", title_en="Daily service"),
    "visit": Purpose(title="上门走访", title_en="Home visit", opens={"id_number": 60, "phone": 600}),
}


def reader(role: str = "cadre", *scope: str, account: str = "lu") -> Subject:
    return Subject(account, (RoleInScope(role, scope or (HERE,)),))


@dataclass
class Hamlet:
    """A running pipeline and all that it stands on."""

    clock: StillClock
    tasks: Tasks
    systems: Mapping[str, Cards]
    lines: Mapping[str, LineSystem]
    pipeline: Pipeline
    recorder: Recorder
    audit: Open
    trail: Trail
    requests: int = field(default=0)

    @property
    def household(self) -> Cards:
        return self.systems[BASE]

    @property
    def elderly(self) -> Cards:
        return self.systems["elderly"]

    @property
    def relief(self) -> Cards:
        return self.systems["relief"]

    def call(self, query: FindPerson | FindHousehold | SearchPeople, **given: Any) -> Call:
        self.requests += 1
        usual = Call(
            action=Action.SEARCH if isinstance(query, SearchPeople) else Action.READ,
            subject=reader(),
            query=query,
            purpose="daily_service",
            request_id=f"request-{self.requests}",
            session="0123456789abcdef",
            answer_by=self.clock.monotonic() + given.pop("within_s", 5.0),
        )
        return replace(usual, **given)

    async def ask(self, query: FindPerson | FindHousehold | SearchPeople, **given: Any) -> Outcome:
        return await self.pipeline.run(self.call(query, **given))

    async def events(self) -> list[Event]:
        """Return what the audit log holds of looks, oldest first."""
        page, _ = await self.audit.log.events()
        return [recorded.event for recorded in page if recorded.event.request_id][::-1]


@asynccontextmanager
async def hamlet(
    folder: Path,
    *people: Iterable[Card],
    roles: Mapping[str, Role] | None = None,
    limits: Mapping[str, Mapping[str, Any]] | None = None,
    purposes: Mapping[str, Purpose] | None = None,
) -> AsyncIterator[Hamlet]:
    """Run the pipeline over systems that hold these people, in the order of ``SYSTEMS``."""
    trail, tasks = Trail(folder), Tasks()
    clock = trail.clock
    held = [list(cards) for cards in people] + [[] for _ in SYSTEMS]
    systems = {name: Cards(cards) for name, cards in zip(SYSTEMS, held, strict=False)}
    lines = {
        name: line(name, cards, clock, tasks, **(limits or {}).get(name, {}))
        for name, cards in systems.items()
    }
    engine = Engine(
        roles or ROLES,
        purposes or PURPOSES,
        {name: fields_of(one.connector) for name, one in lines.items()},
        "v1",
    )
    async with trail.opened() as audit:
        recorder = Recorder(audit.writer, audit.usage, bytes(32), lambda: engine, clock)
        pipeline = build(lines, BASE, lambda: engine, recorder, MemoryCache(bytes(32), clock), clock, tasks)
        try:
            yield Hamlet(clock, tasks, systems, lines, pipeline, recorder, audit, trail)
        finally:
            for cards in systems.values():
                cards.open.set()
            await tasks.close()


FIELDS = fields_of(CardConnector("http://cards.test", CardConnector.settings_type()))
