"""The engine against an oracle written from the policy design, never from the engine, on random policies.

The oracle is as slow and as plain as can be: it keeps nothing, indexes nothing, and asks every rule anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.documents import Forbid, Grant, Purpose, Quota, Reveal, Role, Unless, Where
from policies.engine import Engine
from policies.model import OWN_AREA, Action, Effect, Reason, ResourceFacts, RoleInScope, Subject, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policies.model import Decision

TODAY = date(2026, 11, 21)
FIELDS = ("name", "phone", "id_number")
CATALOGUE = {"household": FIELDS, "relief": FIELDS[1:]}
ROLES = ("a", "b", "c")
PURPOSES = ("daily_service", "visit", "emergency")
ACTIONS = (Action.SEARCH, Action.READ, Action.LIST, Action.REVEAL)
REGIONS = ("", "310109", "310109010003", "310109010005", "310110016005")
SCOPES = ("", "31", "310109", "310109010", "310109010003", "310110")
HOUSEHOLDS = (None, "", "1", "2")
SECONDS = (30, 60, 600)
EFFECTS = tuple(Effect)


# ---- random policies and requests


def some(values: Sequence[Any], at_least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(values), unique=True, min_size=at_least, max_size=3).map(tuple)


def often(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Draw the usual value three times in four, or hardly any request would be allowed."""
    return st.sampled_from((*(usual,) * 3 * len(others), *others))


wheres = st.builds(
    Where,
    region=st.sampled_from(["own", "any", "residence", "registered"]),
    age_from=often(None, 14, 80),
    household=often(None, "own"),
    children=often(PURPOSES, (), ("visit",)),
)
grants = st.builds(
    Grant,
    system=often("household", "relief"),
    actions=often(
        (Action.SEARCH, Action.READ, Action.LIST), (Action.LIST,), (Action.READ,), (Action.REVEAL,)
    ),
    where=wheres,
    fields=st.dictionaries(st.sampled_from(FIELDS[1:]), often(Effect.MASK, *EFFECTS), min_size=1),
)
reveals = st.builds(
    Reveal,
    fields=some(FIELDS, at_least=1),
    purposes=some(PURPOSES, at_least=1),
    for_seconds=st.sampled_from(SECONDS),
)
forbids = st.builds(
    Forbid,
    actions=some(ACTIONS, at_least=1),
    systems=some(tuple(CATALOGUE)),
    fields=some(FIELDS),
    unless=st.sampled_from([None, Unless(second_factor=True)]),
)
quotas = st.builds(
    Quota, residents_per_day=st.sampled_from([None, 1, 3]), reveals_per_day=st.sampled_from([None, 1, 3])
)


def role(name: str) -> st.SearchStrategy[Role]:
    return st.builds(
        Role,
        role=st.just(name),
        title=st.just("测试"),
        grants=st.lists(grants, min_size=1, max_size=3).map(tuple),
        reveal=st.lists(reveals, max_size=2).map(tuple),
        forbid=st.lists(forbids, max_size=1).map(tuple),
        quota=quotas,
    )


@dataclass(frozen=True)
class Policy:
    roles: dict[str, Role]
    purposes: dict[str, Purpose]

    def engine(self) -> Engine:
        return Engine(self.roles, self.purposes, CATALOGUE, "random")


def purpose(opens: dict[str, int]) -> Purpose:
    return Purpose(title="测试", title_en="Test", opens=opens)


openings = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(SECONDS), min_size=1)
policies = st.builds(
    Policy,
    st.fixed_dictionaries({name: role(name) for name in ROLES}),
    st.fixed_dictionaries({name: openings.map(purpose) for name in PURPOSES}),
)


@dataclass(frozen=True)
class Request:
    subject: Subject
    action: Action
    system: str
    facts: ResourceFacts
    purpose: str
    usage: Usage = field(default_factory=Usage)

    def ask(self, engine: Engine) -> Decision:
        return engine.decide(
            self.subject, self.action, self.system, self.facts, self.purpose, TODAY, self.usage
        )


held = st.builds(
    RoleInScope,
    st.sampled_from(ROLES * 3 + ("unknown",)),
    often(("31",), ("310109010", "310110"), ("310109010003",)) | some(SCOPES),
    often(None, TODAY, date(2026, 11, 22)),
    often(None, TODAY, date(2026, 11, 20)),
)
subjects = st.builds(
    Subject,
    st.just("somebody"),
    st.lists(held, min_size=1, max_size=3).map(tuple),
    second_factor=st.booleans(),
    household=st.sampled_from(HOUSEHOLDS),
)
people = st.builds(
    ResourceFacts,
    registered_region=st.sampled_from(REGIONS),
    residence_region=st.sampled_from(REGIONS),
    household=st.sampled_from(HOUSEHOLDS),
    age=st.sampled_from([None, 0, 13, 14, 79, 80, 91]),
)
facts = people | people.map(lambda person: replace(person, person=False)) | st.just(OWN_AREA)
requests = st.builds(
    Request,
    subjects,
    st.sampled_from(ACTIONS),
    often("household", "relief", "unknown"),
    facts,
    st.sampled_from(PURPOSES * 3 + ("unknown",)),
    often(Usage(), Usage(1, 1), Usage(3, 3), Usage(3, 3, already_seen=True)),
)
of_people = st.builds(replace, requests, facts=people)


# ---- the oracle


@dataclass(frozen=True)
class Answer:
    effects: dict[str, Effect]
    seconds: dict[str, int]
    rules: set[str]
    reason: Reason | None = None


def denied(request: Request, reason: Reason) -> Answer:
    return Answer(dict.fromkeys(CATALOGUE.get(request.system, ()), Effect.WITHHOLD), {}, set(), reason)


def oracle(policy: Policy, request: Request) -> Answer:
    """Say what the design says, rule by rule."""
    if request.purpose not in policy.purposes:
        return denied(request, Reason.NO_GRANT)
    granted = list(grants_for(policy, request))
    permits = [(held, rule, grant) for held, rule, grant in granted if covers(grant.where, held, request)]
    if not permits:
        return denied(request, Reason.OUT_OF_SCOPE if granted else Reason.NO_GRANT)
    in_force = [
        forbid
        for held in current(policy, request)
        for forbid in policy.roles[held.role].forbid
        if speaks_of(forbid.actions, request.action)
        and (not forbid.systems or request.system in forbid.systems)
        and not (forbid.unless and request.subject.second_factor)
    ]
    if any(not forbid.fields for forbid in in_force):
        return denied(request, Reason.FORBIDDEN)
    effects = {
        name: Effect.WITHHOLD
        if any(name in forbid.fields for forbid in in_force)
        else widest([grant.fields.get(name, Effect.WITHHOLD) for _, _, grant in permits])
        for name in CATALOGUE[request.system]
    }
    seconds: dict[str, int] = {}
    opening: set[str] = set()
    for name in (name for name in effects if may_open(effects[name], request.action)):
        for held, _, grant in permits:
            if grant.fields.get(name, Effect.WITHHOLD) is not Effect.WITHHOLD:
                found = longest(policy, held.role, name, request)
                if found:
                    opening.add(held.role)
                    seconds[name] = max(found, seconds.get(name, 0))
    if request.action is Action.REVEAL and not seconds:
        return denied(request, Reason.PURPOSE_CLOSED)
    counting = opening if request.action is Action.REVEAL else {held.role for held, _, _ in permits}
    if all(used_up(policy.roles[name].quota, request) for name in counting):
        return denied(request, Reason.QUOTA)
    return Answer(effects, seconds, {rule for _, rule, _ in permits})


def current(policy: Policy, request: Request) -> list[RoleInScope]:
    """Return the roles that exist and are held today."""
    return [
        held
        for held in request.subject.roles
        if held.role in policy.roles
        and not (held.valid_from and held.valid_from > TODAY)
        and not (held.valid_until and held.valid_until < TODAY)
    ]


def grants_for(policy: Policy, request: Request) -> Iterator[tuple[RoleInScope, str, Grant]]:
    for held in current(policy, request):
        number = 0
        for grant in policy.roles[held.role].grants:
            if grant.system == request.system:
                number += 1
                if speaks_of(grant.actions, request.action):
                    yield held, f"{held.role}:{request.system}:{number}", grant


def speaks_of(actions: tuple[Action, ...], action: Action) -> bool:
    """Tell whether a rule is about an action: a reveal is a closer look, so what is said of reading holds."""
    return action in actions or (action is Action.REVEAL and Action.READ in actions)


def covers(where: Where | None, held: RoleInScope, request: Request) -> bool:
    facts, asker = request.facts, request.subject
    assert where is not None
    lived = facts.own_area or any(facts.residence_region.startswith(code) for code in held.scope)
    registered = facts.own_area or any(facts.registered_region.startswith(code) for code in held.scope)
    place = {
        "any": True,
        "own": lived or registered,
        "residence": lived,
        "registered": registered,
    }[where.region]
    broken = not held.scope or any(code == "" for code in held.scope)
    if not place or (broken and where.region != "any"):
        return False
    if not facts.person:
        return True
    old_enough = where.age_from is None or (facts.age is not None and facts.age >= where.age_from)
    known = bool(asker.household) and bool(facts.household)
    at_home = where.household is None or (known and asker.household == facts.household)
    may_be_child = facts.age is None or facts.age < 14
    return old_enough and at_home and (not may_be_child or request.purpose in where.children)


def widest(effects: list[Effect]) -> Effect:
    for effect in (Effect.SHOW, Effect.MASK):
        if effect in effects:
            return effect
    return Effect.WITHHOLD


def may_open(effect: Effect, action: Action) -> bool:
    """Tell whether there is something to open: on a reveal all that is not withheld, else what is masked."""
    return effect is Effect.MASK or (effect is Effect.SHOW and action is Action.REVEAL)


def longest(policy: Policy, name: str, opened: str, request: Request) -> int:
    """Return for how long a role opens a field: by this purpose on a reveal, else by any."""
    return max(
        (
            min(rule.for_seconds, policy.purposes[code].opens[opened])
            for rule in policy.roles[name].reveal
            for code in rule.purposes
            if opened in rule.fields
            and opened in policy.purposes[code].opens
            and (request.action is not Action.REVEAL or code == request.purpose)
        ),
        default=0,
    )


def used_up(quota: Quota, request: Request) -> bool:
    if request.action is Action.REVEAL:
        return quota.reveals_per_day is not None and request.usage.reveals >= quota.reveals_per_day
    if request.action is Action.READ and not request.usage.already_seen:
        return quota.residents_per_day is not None and request.usage.residents >= quota.residents_per_day
    return False


# ---- how much a decision lets out


def reach(decision: Decision) -> dict[str, int]:
    """Return by field 0 nothing, 1 its mask, 2 its mask and the way to open it, 3 the value."""
    if not decision.allow:
        return dict.fromkeys(decision.fields, 0)
    return {
        name: 3 if effect is Effect.SHOW else (2 if name in decision.reveal_s else 1)
        for name, effect in decision.fields.items()
        if effect is not Effect.WITHHOLD
    }


def within(narrow: Decision, wide: Decision) -> bool:
    """Tell whether one decision lets out no more than another."""
    theirs = reach(wide)
    return (
        narrow.allow <= wide.allow
        and all(level <= theirs.get(name, 0) for name, level in reach(narrow).items())
        and all(
            seconds <= wide.reveal_s.get(name, 0) or theirs[name] == 3
            for name, seconds in narrow.reveal_s.items()
        )
    )


# ---- properties


@settings(max_examples=300)
@given(policies, st.lists(requests, min_size=1, max_size=8))
def test_engine_and_oracle_agree(policy: Policy, asked: list[Request]) -> None:
    engine = policy.engine()
    # Twice, so that what the engine keeps is asked as well.
    for request in asked * 2:
        decision, answer = request.ask(engine), oracle(policy, request)
        assert decision.allow is (answer.reason is None)
        assert decision.reason is answer.reason
        assert decision.fields == answer.effects
        assert decision.reveal_s == answer.seconds
        if decision.allow:
            assert set(decision.rules) == answer.rules
        else:
            assert len(decision.rules) == 1
        withheld = {name for name, effect in decision.fields.items() if effect is Effect.WITHHOLD}
        assert decision.withheld_by.keys() == withheld


@given(policies, requests)
def test_no_field_beyond_the_union_of_permits(policy: Policy, request: Request) -> None:
    decision = request.ask(policy.engine())
    mine = [policy.roles[held.role] for held in request.subject.roles if held.role in policy.roles]
    for name, effect in decision.fields.items():
        offers = [
            grant.fields.get(name) for role in mine for grant in role.grants if grant.system == request.system
        ]
        assert effect in (*offers, Effect.WITHHOLD)
    for name in decision.reveal_s:
        assert any(name in rule.fields for role in mine for rule in role.reveal)
        assert decision.fields[name] is not Effect.WITHHOLD


@given(policies, requests, st.sampled_from(ROLES), forbids)
def test_adding_a_forbid_never_widens(policy: Policy, request: Request, name: str, forbid: Forbid) -> None:
    role = policy.roles[name]
    stricter = role.model_copy(update={"forbid": (*role.forbid, forbid)})
    after = replace(policy, roles={**policy.roles, name: stricter})
    assert within(request.ask(after.engine()), request.ask(policy.engine()))


@given(policies, of_people)
def test_a_person_is_never_shown_more_than_the_place(policy: Policy, request: Request) -> None:
    engine = policy.engine()
    place = replace(request, facts=replace(request.facts, person=False, age=None, household=None))
    assert within(request.ask(engine), place.ask(engine))


@given(policies, of_people)
def test_a_person_is_never_shown_more_than_the_own_area(policy: Policy, request: Request) -> None:
    engine = policy.engine()
    assert within(request.ask(engine), replace(request, facts=OWN_AREA).ask(engine))


@given(policies, requests, st.sampled_from(ROLES), grants)
def test_adding_a_grant_never_narrows(policy: Policy, request: Request, name: str, grant: Grant) -> None:
    role = policy.roles[name]
    wider = role.model_copy(update={"grants": (*role.grants, grant)})
    after = replace(policy, roles={**policy.roles, name: wider})
    assert within(request.ask(policy.engine()), request.ask(after.engine()))


@given(policies, requests, held)
def test_another_role_without_forbids_never_narrows(
    policy: Policy, request: Request, another: RoleInScope
) -> None:
    bare = {name: role.model_copy(update={"forbid": ()}) for name, role in policy.roles.items()}
    engine = replace(policy, roles=bare).engine()
    subject = replace(request.subject, roles=(*request.subject.roles, another))
    assert within(request.ask(engine), replace(request, subject=subject).ask(engine))


@given(policies, requests, st.randoms())
def test_the_order_of_roles_does_not_matter(policy: Policy, request: Request, random: Any) -> None:
    shuffled = list(request.subject.roles)
    random.shuffle(shuffled)
    one = request.ask(policy.engine())
    other = replace(request, subject=replace(request.subject, roles=tuple(shuffled))).ask(policy.engine())
    assert (one.allow, one.fields, one.reveal_s, one.reason) == (
        other.allow,
        other.fields,
        other.reveal_s,
        other.reason,
    )


@given(policies, requests)
def test_what_was_asked_before_does_not_matter(policy: Policy, request: Request) -> None:
    used = policy.engine()
    for action, why, system in product(ACTIONS, PURPOSES, CATALOGUE):
        replace(request, action=action, purpose=why, system=system).ask(used)
    assert request.ask(used) == request.ask(policy.engine())
