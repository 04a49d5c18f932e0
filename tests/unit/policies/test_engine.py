"""What the engine means: default deny, forbid wins, several roles widen, each within its own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from policies.model import (
    DEFAULT_DENY,
    GATEWAY,
    OWN_AREA,
    Action,
    Effect,
    Reason,
    ResourceFacts,
    RoleInScope,
    Subject,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from policies.engine import Engine
    from policies.model import Decision

    EngineOf = Callable[..., Engine]

TODAY = date(2026, 11, 21)
HERE = "310109010003"
STREET = "310109010"
ELDER = ResourceFacts(HERE, HERE, "1001", 91)
SHOW, MASK, WITHHOLD = Effect.SHOW, Effect.MASK, Effect.WITHHOLD


def grant(**fields: str) -> dict[str, Any]:
    return {
        "system": "household",
        "actions": ["search", "read", "list"],
        "where": {"region": "own"},
        "fields": fields,
    }


def where(**conditions: Any) -> dict[str, Any]:
    return {**grant(name="show"), "where": {"region": "own", **conditions}}


def holding(*roles: str, scope: tuple[str, ...] = (HERE,), **subject: Any) -> Subject:
    return Subject("somebody", tuple(RoleInScope(role, scope) for role in roles), **subject)


def decide(
    engine: Engine,
    subject: Subject,
    action: Action = Action.READ,
    facts: ResourceFacts = ELDER,
    purpose: str = "daily_service",
    usage: Usage | None = None,
) -> Decision:
    return engine.decide(subject, action, "household", facts, purpose, TODAY, usage or Usage())


A = {"role": "a", "grants": [grant(name="show", id_number="mask", phone="mask")]}
OPEN_ID = [{"fields": ["id_number"], "purposes": ["visit"], "for_seconds": 120}]


class TestDefaultDeny:
    def test_nobody_sees_anything_without_a_grant(self, engine_of: EngineOf) -> None:
        decision = decide(engine_of({"role": "a"}), holding("a"))
        assert not decision.allow
        assert decision.fields == dict.fromkeys(("name", "id_number", "phone"), WITHHOLD)
        assert decision.withheld_by == dict.fromkeys(decision.fields, DEFAULT_DENY)
        assert (decision.rules, decision.reason) == ((DEFAULT_DENY,), Reason.NO_GRANT)
        assert decision.reveal_s == {}

    @pytest.mark.parametrize("roles", [(), ("unknown",)])
    def test_no_role_and_an_unknown_role(self, engine_of: EngineOf, roles: tuple[str, ...]) -> None:
        assert decide(engine_of(A), holding(*roles)).reason is Reason.NO_GRANT

    def test_an_unknown_system_or_purpose_matches_nothing(self, engine_of: EngineOf) -> None:
        engine = engine_of(A)
        moon = engine.decide(holding("a"), Action.READ, "moon", ELDER, "daily_service", TODAY)
        assert (moon.allow, moon.rules, moon.fields) == (False, (DEFAULT_DENY,), {})
        gossip = decide(engine, holding("a"), purpose="gossip")
        assert (gossip.allow, gossip.reason) == (False, Reason.NO_GRANT)

    def test_a_field_without_effect_is_withheld(self, engine_of: EngineOf) -> None:
        decision = decide(engine_of({"role": "a", "grants": [grant(name="show")]}), holding("a"))
        assert decision.allow
        assert decision.fields == {"name": SHOW, "id_number": WITHHOLD, "phone": WITHHOLD}
        assert decision.withheld_by == {"id_number": DEFAULT_DENY, "phone": DEFAULT_DENY}
        assert decision.rules == ("a:household:1",)

    def test_a_field_withheld_by_a_grant_names_it(self, engine_of: EngineOf) -> None:
        decision = decide(engine_of({"role": "a", "grants": [grant(phone="withhold")]}), holding("a"))
        assert decision.withheld_by["phone"] == "a:household:1"
        assert decision.withheld_by["name"] == DEFAULT_DENY

    def test_a_grant_is_for_its_actions_and_its_system(self, engine_of: EngineOf) -> None:
        engine = engine_of({"role": "a", "grants": [{**grant(name="show"), "actions": ["list"]}]})
        assert decide(engine, holding("a"), Action.LIST).allow
        for action in set(Action) - {Action.LIST}:
            assert not decide(engine, holding("a"), action).allow
        assert not engine.decide(holding("a"), Action.LIST, "relief", ELDER, "daily_service", TODAY).allow

    def test_the_gateways_own_grants_need_no_place(self, engine_of: EngineOf) -> None:
        engine = engine_of({"role": "a", "grants": [{"system": GATEWAY, "actions": ["read_audit"]}]})
        nobody = ResourceFacts()
        decision = engine.decide(holding("a"), Action.READ_AUDIT, GATEWAY, nobody, "daily_service", TODAY)
        assert (decision.allow, decision.fields) == (True, {})


class TestPlace:
    @pytest.mark.parametrize(
        ("region", "registered", "residence", "allowed"),
        [
            ("own", HERE, "", True),
            ("own", "", HERE, True),
            ("own", "310110016005", "310110016005", False),
            ("residence", "", HERE, True),
            ("residence", HERE, "", False),
            ("registered", HERE, "", True),
            ("registered", "", HERE, False),
            ("any", "", "", True),
            ("own", "", "", False),
            ("own", "310109", "310109", False),
        ],
    )
    @pytest.mark.parametrize("person", [True, False])
    def test_regions(
        self, engine_of: EngineOf, region: str, registered: str, residence: str, allowed: bool, person: bool
    ) -> None:
        engine = engine_of({"role": "a", "grants": [where(region=region)]})
        facts = ResourceFacts(registered, residence, None, 40, person)
        assert decide(engine, holding("a"), facts=facts).allow is allowed

    @pytest.mark.parametrize("scope", [(STREET,), ("31",), ("320000", HERE)])
    def test_a_scope_covers_what_begins_with_it(self, engine_of: EngineOf, scope: tuple[str, ...]) -> None:
        assert decide(engine_of(A), holding("a", scope=scope)).allow

    @pytest.mark.parametrize("scope", [(), ("",), ("", HERE)])
    @pytest.mark.parametrize("facts", [ELDER, ResourceFacts(age=40), OWN_AREA, ResourceFacts(person=False)])
    def test_an_empty_scope_covers_nothing(
        self, engine_of: EngineOf, scope: tuple[str, ...], facts: ResourceFacts
    ) -> None:
        assert decide(engine_of(A), holding("a", scope=scope), facts=facts).reason is Reason.OUT_OF_SCOPE

    def test_out_of_scope_is_told_from_no_grant(self, engine_of: EngineOf) -> None:
        far = ResourceFacts("310110016005", "310110016005", None, 40)
        assert decide(engine_of(A), holding("a"), facts=far).reason is Reason.OUT_OF_SCOPE
        assert decide(engine_of(A), holding("a"), Action.READ_AUDIT, far).reason is Reason.NO_GRANT

    def test_the_own_area_is_not_a_place_that_nobody_found(self, engine_of: EngineOf) -> None:
        assert decide(engine_of(A), holding("a"), Action.SEARCH, OWN_AREA).allow
        assert not decide(engine_of(A), holding("a"), Action.SEARCH, ResourceFacts(person=False)).allow

    def test_about_a_place_conditions_on_people_count_as_met(self, engine_of: EngineOf) -> None:
        engine = engine_of({"role": "a", "grants": [where(age_from=80, household="own")]})
        place = ResourceFacts(HERE, HERE, person=False)
        assert decide(engine, holding("a"), facts=place).allow
        assert not decide(engine, holding("a"), facts=ResourceFacts(HERE, HERE)).allow


class TestPerson:
    @pytest.mark.parametrize(("age", "allowed"), [(79, False), (80, True), (81, True), (None, False)])
    def test_age_from(self, engine_of: EngineOf, age: int | None, allowed: bool) -> None:
        # Children are covered too, so that an unknown age is refused for itself.
        engine = engine_of({"role": "a", "grants": [where(age_from=80, children=["daily_service"])]})
        assert decide(engine, holding("a"), facts=ResourceFacts(HERE, HERE, None, age)).allow is allowed

    @pytest.mark.parametrize(
        ("mine", "theirs", "allowed"),
        [("1", "1", True), ("1", "2", False), (None, "1", False), (None, None, False), ("", "", False)],
    )
    def test_own_household(
        self, engine_of: EngineOf, mine: str | None, theirs: str | None, allowed: bool
    ) -> None:
        engine = engine_of({"role": "a", "grants": [where(household="own")]})
        facts = ResourceFacts(HERE, HERE, theirs, 40)
        assert decide(engine, holding("a", household=mine), facts=facts).allow is allowed

    @pytest.mark.parametrize(
        ("age", "purpose", "allowed"),
        [
            (13, "daily_service", False),
            (13, "visit", True),
            (14, "daily_service", True),
            (0, "visit", True),
            (None, "daily_service", False),
            (None, "visit", True),
        ],
    )
    def test_children_need_a_purpose_that_names_them_and_unknown_age_may_be_a_child(
        self, engine_of: EngineOf, age: int | None, purpose: str, allowed: bool
    ) -> None:
        engine = engine_of({"role": "a", "grants": [where(children=["visit"])]})
        facts = ResourceFacts(HERE, HERE, None, age)
        assert decide(engine, holding("a"), facts=facts, purpose=purpose).allow is allowed

    @pytest.mark.parametrize(
        ("first", "last", "holds"),
        [
            (None, None, True),
            (TODAY, TODAY, True),
            (date(2026, 11, 22), None, False),
            (None, date(2026, 11, 20), False),
        ],
    )
    def test_a_role_holds_from_and_until_a_day(
        self, engine_of: EngineOf, first: date | None, last: date | None, holds: bool
    ) -> None:
        subject = Subject("somebody", (RoleInScope("a", (HERE,), first, last),))
        decision = decide(engine_of(A), subject)
        assert decision.allow is holds
        assert holds or decision.reason is Reason.NO_GRANT


class TestForbid:
    def test_forbid_wins_over_every_permit(self, engine_of: EngineOf) -> None:
        engine = engine_of({**A, "forbid": [{"actions": ["read"]}]}, {**A, "role": "b"})
        decision = decide(engine, holding("a", "b"))
        assert not decision.allow
        assert (decision.rules, decision.reason) == (("a:forbid:1",), Reason.FORBIDDEN)
        assert set(decision.withheld_by.values()) == {"a:forbid:1"}
        assert decide(engine, holding("a", "b"), Action.SEARCH).allow
        assert decide(engine, holding("b")).allow

    def test_a_forbid_holds_where_its_role_does_not_reach(self, engine_of: EngineOf) -> None:
        engine = engine_of({"role": "a", "forbid": [{"actions": ["read"]}]}, {**A, "role": "b"})
        subject = Subject("somebody", (RoleInScope("a", ()), RoleInScope("b", (HERE,))))
        assert decide(engine, subject).reason is Reason.FORBIDDEN

    def test_a_forbid_of_a_role_that_has_ended_is_over(self, engine_of: EngineOf) -> None:
        engine = engine_of({"role": "a", "forbid": [{"actions": ["read"]}]}, {**A, "role": "b"})
        ended = RoleInScope("a", (HERE,), valid_until=date(2026, 11, 20))
        assert decide(engine, Subject("somebody", (ended, RoleInScope("b", (HERE,))))).allow

    def test_what_must_not_be_read_must_not_be_revealed(self, engine_of: EngineOf) -> None:
        engine = engine_of({**A, "reveal": OPEN_ID, "forbid": [{"actions": ["read"]}]})
        assert decide(engine, holding("a"), Action.REVEAL, purpose="visit").reason is Reason.FORBIDDEN

    def test_a_second_factor_lifts_it(self, engine_of: EngineOf) -> None:
        engine = engine_of({**A, "forbid": [{"actions": ["read"], "unless": {"second_factor": True}}]})
        assert not decide(engine, holding("a")).allow
        assert decide(engine, holding("a", second_factor=True)).allow

    def test_a_second_factor_lifts_no_other(self, engine_of: EngineOf) -> None:
        engine = engine_of({**A, "forbid": [{"actions": ["read"]}]})
        assert not decide(engine, holding("a", second_factor=True)).allow

    def test_a_forbid_of_fields_withholds_only_these(self, engine_of: EngineOf) -> None:
        engine = engine_of(
            {**A, "reveal": OPEN_ID, "forbid": [{"actions": ["read"], "fields": ["id_number"]}]}
        )
        decision = decide(engine, holding("a"))
        assert decision.fields == {"name": SHOW, "id_number": WITHHOLD, "phone": MASK}
        assert decision.withheld_by == {"id_number": "a:forbid:1"}
        assert decision.reveal_s == {}
        assert decide(engine, holding("a"), Action.REVEAL, purpose="visit").reason is Reason.PURPOSE_CLOSED

    def test_a_forbid_of_systems_holds_only_there(self, engine_of: EngineOf) -> None:
        engine = engine_of({**A, "forbid": [{"actions": ["read"], "systems": ["relief"]}]})
        assert decide(engine, holding("a")).allow

    def test_a_forbid_grants_nothing_and_hides_no_reason(self, engine_of: EngineOf) -> None:
        engine = engine_of({"role": "a", "forbid": [{"actions": ["read"]}]})
        assert decide(engine, holding("a")).reason is Reason.NO_GRANT


class TestReveal:
    def test_seconds_are_the_shorter_of_role_and_purpose(self, engine_of: EngineOf) -> None:
        opened = [{"fields": ["id_number", "phone"], "purposes": ["visit"], "for_seconds": 120}]
        decision = decide(engine_of({**A, "reveal": opened}), holding("a"), Action.REVEAL, purpose="visit")
        assert decision.reveal_s == {"id_number": 60, "phone": 120}
        assert decision.fields["phone"] is MASK

    def test_of_several_rules_the_longest(self, engine_of: EngineOf) -> None:
        opened = [
            {"fields": ["phone"], "purposes": ["visit"], "for_seconds": seconds} for seconds in (30, 90, 45)
        ]
        decision = decide(engine_of({**A, "reveal": opened}), holding("a"), Action.REVEAL, purpose="visit")
        assert decision.reveal_s == {"phone": 90}

    @pytest.mark.parametrize("purpose", ["daily_service", "emergency"])
    def test_a_purpose_that_opens_nothing_denies(self, engine_of: EngineOf, purpose: str) -> None:
        engine = engine_of({**A, "reveal": OPEN_ID})
        decision = decide(engine, holding("a"), Action.REVEAL, purpose=purpose)
        assert (decision.allow, decision.rules) == (False, (DEFAULT_DENY,))
        assert decision.reason is Reason.PURPOSE_CLOSED

    def test_another_purpose_of_the_same_reader_is_another_decision(self, engine_of: EngineOf) -> None:
        engine = engine_of({**A, "reveal": OPEN_ID})
        for _ in range(2):
            assert decide(engine, holding("a"), Action.REVEAL, purpose="visit").allow
            assert not decide(engine, holding("a"), Action.REVEAL, purpose="emergency").allow

    def test_the_longest_of_any_purpose_and_any_role(self, engine_of: EngineOf) -> None:
        def opener(name: str, *seconds: int) -> dict[str, Any]:
            purposes = ("emergency", "visit")
            return {
                **A,
                "role": name,
                "reveal": [
                    {"fields": ["phone"], "purposes": [purpose], "for_seconds": number}
                    for purpose, number in zip(purposes, seconds, strict=True)
                ],
            }

        engine = engine_of(opener("a", 300, 90), opener("b", 45, 30))
        assert decide(engine, holding("a", "b")).reveal_s == {"phone": 300}
        both = decide(engine, holding("a", "b"), Action.REVEAL, purpose="visit")
        assert both.reveal_s == {"phone": 90}

    def test_a_look_tells_what_some_purpose_would_open(self, engine_of: EngineOf) -> None:
        assert decide(engine_of({**A, "reveal": OPEN_ID}), holding("a")).reveal_s == {"id_number": 60}

    def test_what_is_shown_or_withheld_needs_no_opening(self, engine_of: EngineOf) -> None:
        for effect in ("show", "withhold"):
            role = {"role": "a", "grants": [grant(id_number=effect)], "reveal": OPEN_ID}
            assert decide(engine_of(role), holding("a")).reveal_s == {}

    def test_a_wider_role_does_not_turn_a_reveal_into_a_denial(self, engine_of: EngineOf) -> None:
        engine = engine_of({**A, "reveal": OPEN_ID}, {"role": "b", "grants": [grant(id_number="show")]})
        decision = decide(engine, holding("a", "b"), Action.REVEAL, purpose="visit")
        assert decision.reveal_s == {"id_number": 60}

    def test_a_role_opens_only_what_its_own_grants_give(self, engine_of: EngineOf) -> None:
        opener = {"role": "a", "grants": [grant(name="show")], "reveal": OPEN_ID}
        masker = {"role": "b", "grants": [grant(id_number="mask")]}
        engine = engine_of(opener, masker)
        decision = decide(engine, holding("a", "b"), Action.REVEAL, purpose="visit")
        assert decision.reason is Reason.PURPOSE_CLOSED
        assert decide(engine, holding("a", "b")).reveal_s == {}

    def test_a_role_opens_nothing_outside_its_own_place(self, engine_of: EngineOf) -> None:
        engine = engine_of({**A, "reveal": OPEN_ID}, {**A, "role": "b"})
        subject = Subject("somebody", (RoleInScope("a", ("310110",)), RoleInScope("b", (HERE,))))
        decision = decide(engine, subject, Action.REVEAL, purpose="visit")
        assert decision.reason is Reason.PURPOSE_CLOSED

    def test_what_may_only_be_listed_is_not_revealed(self, engine_of: EngineOf) -> None:
        role = {"role": "a", "grants": [{**grant(id_number="mask"), "actions": ["list"]}], "reveal": OPEN_ID}
        decision = decide(engine_of(role), holding("a"), Action.REVEAL, purpose="visit")
        assert decision.reason is Reason.NO_GRANT


class TestSeveralRoles:
    def test_each_field_takes_the_widest(self, engine_of: EngineOf) -> None:
        engine = engine_of(
            {"role": "a", "grants": [grant(name="show", id_number="withhold")]},
            {"role": "b", "grants": [grant(name="mask", id_number="mask")]},
        )
        decision = decide(engine, holding("a", "b"))
        assert decision.fields == {"name": SHOW, "id_number": MASK, "phone": WITHHOLD}
        assert decision.rules == ("a:household:1", "b:household:1")

    def test_a_role_elsewhere_adds_nothing(self, engine_of: EngineOf) -> None:
        engine = engine_of({"role": "a", "grants": [grant(name="mask")]}, {**A, "role": "b"})
        subject = Subject("somebody", (RoleInScope("a", (HERE,)), RoleInScope("b", ("310110",))))
        decision = decide(engine, subject)
        assert decision.fields["name"] is MASK
        assert decision.rules == ("a:household:1",)

    def test_one_role_in_two_places(self, engine_of: EngineOf) -> None:
        subject = Subject("somebody", (RoleInScope("a", (HERE,)), RoleInScope("a", (STREET,))))
        assert decide(engine_of(A), subject).rules == ("a:household:1",)

    def test_grants_are_counted_by_system(self, engine_of: EngineOf) -> None:
        relief = {**grant(name="show"), "system": "relief"}
        engine = engine_of(
            {
                "role": "a",
                "grants": [grant(name="show"), relief, grant(phone="mask")],
                "forbid": [{"actions": ["list"]}],
            }
        )
        assert decide(engine, holding("a")).rules == ("a:household:1", "a:household:2")
        assert engine.rule_ids == {"a:household:1", "a:household:2", "a:relief:1", "a:forbid:1"}


class TestQuota:
    LIMITED = {**A, "reveal": OPEN_ID, "quota": {"residents_per_day": 3, "reveals_per_day": 2}}  # noqa: RUF012  # never changed

    @pytest.mark.parametrize(
        ("action", "usage", "rule"),
        [
            (Action.READ, Usage(residents=2), None),
            (Action.READ, Usage(residents=3), "a:quota:residents_per_day"),
            (Action.READ, Usage(residents=9, already_seen=True), None),
            (Action.READ, Usage(reveals=9), None),
            (Action.SEARCH, Usage(residents=9, reveals=9), None),
            (Action.LIST, Usage(residents=9, reveals=9), None),
            (Action.REVEAL, Usage(residents=9, reveals=1), None),
            (Action.REVEAL, Usage(reveals=2), "a:quota:reveals_per_day"),
            (Action.REVEAL, Usage(reveals=2, already_seen=True), "a:quota:reveals_per_day"),
        ],
    )
    def test_what_counts(self, engine_of: EngineOf, action: Action, usage: Usage, rule: str | None) -> None:
        decision = decide(engine_of(self.LIMITED), holding("a"), action, purpose="visit", usage=usage)
        assert decision.allow is (rule is None)
        if rule is not None:
            assert (decision.rules, decision.reason) == ((rule,), Reason.QUOTA)
            assert set(decision.withheld_by.values()) == {rule}

    def test_of_several_roles_the_widest_counts(self, engine_of: EngineOf) -> None:
        wider = {**A, "role": "b", "quota": {"residents_per_day": 5}}
        engine = engine_of(self.LIMITED, wider)
        assert decide(engine, holding("a", "b"), usage=Usage(residents=4)).allow
        spent = decide(engine, holding("a", "b"), usage=Usage(residents=5))
        assert spent.rules == ("b:quota:residents_per_day",)
        assert decide(engine_of(self.LIMITED, {**A, "role": "b"}), holding("a", "b"), usage=Usage(9)).allow

    def test_a_role_lends_no_quota_to_what_only_another_opens(self, engine_of: EngineOf) -> None:
        engine = engine_of(self.LIMITED, {**A, "role": "b"})
        spent = decide(engine, holding("a", "b"), Action.REVEAL, purpose="visit", usage=Usage(reveals=2))
        assert spent.reason is Reason.QUOTA

    def test_a_role_whose_opening_is_forbidden_lends_no_quota_either(self, engine_of: EngineOf) -> None:
        phone = [{"fields": ["phone"], "purposes": ["visit"], "for_seconds": 60}]
        ban = [{"actions": ["read"], "fields": ["phone"]}]
        engine = engine_of(self.LIMITED, {**A, "role": "b", "reveal": phone, "forbid": ban})
        spent = decide(engine, holding("a", "b"), Action.REVEAL, purpose="visit", usage=Usage(reveals=2))
        assert spent.rules == ("a:quota:reveals_per_day",)

    def test_out_of_scope_comes_before_quota(self, engine_of: EngineOf) -> None:
        # A used-up quota must not tell who is in scope.
        far = ResourceFacts("310110", "310110", None, 40)
        assert (
            decide(engine_of(self.LIMITED), holding("a"), facts=far, usage=Usage(9)).reason
            is Reason.OUT_OF_SCOPE
        )


class TestDecision:
    def test_digests_differ_whenever_decisions_do(self, engine_of: EngineOf) -> None:
        engine = engine_of(
            {**A, "reveal": OPEN_ID, "quota": {"residents_per_day": 3}},
            {"role": "b", "grants": [grant(name="show")]},
            {"role": "c", "forbid": [{"actions": ["read"], "fields": ["phone"]}]},
        )
        far = ResourceFacts("310110", "310110", None, 40)
        decisions = [
            decide(engine, holding(*roles), action, facts, purpose, usage)
            for roles in (("a",), ("b",), ("a", "b"), ("a", "c"), ("nobody",))
            for action in (Action.READ, Action.REVEAL)
            for facts in (ELDER, far)
            for purpose in ("daily_service", "visit")
            for usage in (Usage(), Usage(residents=3))
        ]
        told = {(repr(decision), decision.digest) for decision in decisions}
        assert len({digest for _, digest in told}) == len(told)
        assert len(told) == 8

    def test_digests_tell_seconds_and_the_withholding_rule(self, engine_of: EngineOf) -> None:
        def seconds(number: int) -> dict[str, Any]:
            return {**A, "reveal": [{"fields": ["phone"], "purposes": ["visit"], "for_seconds": number}]}

        policies = [
            seconds(30),
            seconds(60),
            {"role": "a", "grants": [grant(name="show")]},
            {"role": "a", "grants": [grant(name="show", phone="withhold")]},
        ]
        assert len({decide(engine_of(policy), holding("a")).digest for policy in policies}) == 4

    def test_a_decision_cannot_be_changed(self, engine_of: EngineOf) -> None:
        decision = decide(engine_of(A), holding("a"))
        with pytest.raises(TypeError):
            decision.fields["phone"] = SHOW  # type: ignore[index]

    def test_what_is_kept_does_not_grow_with_people_or_unknown_names(self, engine_of: EngineOf) -> None:
        engine = engine_of(A)
        for number in range(50):
            facts = ResourceFacts(HERE, HERE, str(number), number + 14)
            decide(engine, holding("a", household=str(number)), facts=facts)
            decide(engine, holding(f"role {number}"), facts=facts, purpose=f"purpose {number}")
            engine.decide(holding("a"), Action.READ, f"system {number}", facts, "visit", TODAY)
        assert len(engine._verdicts) + len(engine._denials) == 2


def test_default_purpose(engine_of: EngineOf) -> None:
    engine = engine_of({"role": "a", "default_purpose": "visit"}, {"role": "b"})
    assert engine.default_purpose(holding("unknown", "a", "b")) == "visit"
    assert engine.default_purpose(holding("b", "a")) == "daily_service"
    assert engine.default_purpose(holding()) == "daily_service"
