"""Rulings: one for equal readers, another wherever policy may say something else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.model import Call, SearchPeople
from gateway.pipeline.ruling import Ruling, Rulings
from gateway.pipeline.step import Located
from policies.documents import Forbid, Quota, Role, Unless, Where
from policies.engine import Engine
from policies.model import Action, ResourceFacts, RoleInScope, Subject, Usage
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, THERE
from tests.unit.gateway.pipeline.hamlet import BASE, FIELDS, PURPOSES, SHOW, SYSTEMS, grant

TODAY = StillClock().today()
OWN = Role(
    role="own",
    title="自己家",
    grants=(grant(BASE, Where(region="own", household="own", children=tuple(PURPOSES)), name=SHOW),),
    forbid=(Forbid(actions=(Action.REVEAL,), unless=Unless(second_factor=True)),),
    quota=Quota(residents_per_day=2),
)
ME = Subject("lu", (RoleInScope("own", (HERE,)),), household="H1")
CALL = Call(
    action=Action.READ,
    subject=ME,
    query=SearchPeople("陈", 20),
    purpose="visit",
    request_id="r",
    session="s",
    answer_by=0,
)
AT_HOME = Located(CALL, ResourceFacts(HERE, HERE, "H1", 30), TODAY, None)


def engine(version: str = "v1") -> Engine:
    return Engine({"own": OWN}, PURPOSES, dict.fromkeys(SYSTEMS, FIELDS), version)


@pytest.fixture
def rulings() -> Rulings:
    in_force = engine()
    return Rulings(lambda: in_force, SYSTEMS)


def asked(rulings: Rulings, located: Located = AT_HOME, usage: Usage | None = None, **by: Any) -> Ruling:
    call = replace(located.call, subject=replace(located.call.subject, **by))
    return rulings.of(replace(located, call=call), usage or Usage())


def test_it_is_one_for_readers_who_differ_in_nothing_that_decides(rulings: Rulings) -> None:
    ruling = asked(rulings)
    assert ruling.allowed == (BASE,)
    assert ruling.rules == ("own:household:1",)
    assert asked(rulings, account="wang", organisation="elsewhere") is ruling
    assert asked(rulings, usage=Usage(residents=1, reveals=9)) is ruling


@pytest.mark.parametrize(
    "by",
    [
        {"household": "H2"},
        {"household": None},
        {"roles": ()},
        {"roles": (RoleInScope("own", (THERE,)),)},
        {"roles": (RoleInScope("own", (HERE,), valid_until=TODAY - timedelta(days=1)),)},
    ],
)
def test_it_is_another_for_another_reader(rulings: Rulings, by: dict[str, Any]) -> None:
    assert asked(rulings).allowed == (BASE,)
    assert asked(rulings, **by).allowed == ()
    assert asked(rulings).allowed == (BASE,)


def test_a_second_factor_tells_readers_apart(rulings: Rulings) -> None:
    assert asked(rulings, second_factor=True) is not asked(rulings)


@pytest.mark.parametrize(
    "located",
    [
        replace(AT_HOME, call=replace(CALL, action=Action.SEARCH)),
        replace(AT_HOME, call=replace(CALL, purpose="daily_service")),
        replace(AT_HOME, facts=ResourceFacts(HERE, HERE, "H1", 31)),
        replace(AT_HOME, today=TODAY + timedelta(days=1)),
    ],
    ids=["action", "purpose", "facts", "day"],
)
def test_it_is_another_for_another_question(rulings: Rulings, located: Located) -> None:
    assert asked(rulings, located) is not asked(rulings)


def test_a_policy_in_force_says_what_it_says_itself() -> None:
    versions = [engine("v1")]
    rulings = Rulings(lambda: versions[-1], SYSTEMS)
    before = asked(rulings)
    versions.append(Engine({}, PURPOSES, dict.fromkeys(SYSTEMS, FIELDS), "v1"))
    assert asked(rulings).allowed == ()
    versions.pop()
    assert asked(rulings).allowed == before.allowed


def test_with_a_quota_used_up_nothing_is_kept(rulings: Rulings) -> None:
    kept = asked(rulings)
    assert kept.lasting
    for _ in range(2):
        denied = asked(rulings, usage=Usage(residents=2))
        assert (denied.allowed, denied.lasting) == ((), False)
    assert asked(rulings, usage=Usage(residents=2, already_seen=True)) is kept
