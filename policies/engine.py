"""Decide who may see what: default deny, forbid wins, pure and indexed.

Semantics as in Cedar: nothing is allowed without a matching permit; a matching forbid wins over every permit. Of several
matching permits each field takes the widest effect. A decision costs microseconds: everything that does not depend on the
request is prepared when the engine is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

from policies.model import (
    CHILD_BELOW,
    DEFAULT_DENY,
    Action,
    Decision,
    Effect,
    Reason,
    ResourceFacts,
    RoleInScope,
    Subject,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from policies.documents import Forbid, Grant, Purpose, Role, Where

_WIDTH = {Effect.WITHHOLD: 0, Effect.MASK: 1, Effect.SHOW: 2}
_NOTHING: Mapping[str, int] = MappingProxyType({})
_UNUSED = Usage()


@dataclass(frozen=True, slots=True)
class _Permit:
    rule: str
    where: Where | None
    fields: Mapping[str, Effect]


@dataclass(frozen=True, slots=True)
class _Ban:
    rule: str
    fields: tuple[str, ...]
    second_factor_lifts: bool


class Engine:
    """Hold one version of the policy, indexed by (role, action, system)."""

    def __init__(
        self,
        roles: Mapping[str, Role],
        purposes: Mapping[str, Purpose],
        catalogue: Mapping[str, Iterable[str]],
        version: str,
    ) -> None:
        """Take validated roles and purposes, and the fields that each system may have (see :mod:`policies.load`)."""
        self.roles = roles
        self.purposes = purposes
        self.version = version
        self._fields = {system: tuple(fields) for system, fields in catalogue.items()}
        self._withhold_all = {
            system: MappingProxyType(dict.fromkeys(fields, DEFAULT_DENY)) for system, fields in self._fields.items()
        }
        self._permits: dict[tuple[str, Action, str], tuple[_Permit, ...]] = {}
        self._bans: dict[tuple[str, Action, str], tuple[_Ban, ...]] = {}
        self._reveals = {name: _reveals(role, purposes) for name, role in roles.items()}
        self._could_reveal = {name: _widest(by_purpose.values()) for name, by_purpose in self._reveals.items()}
        self._decisions: dict[tuple[object, ...], Decision] = {}
        for role in roles.values():
            self._index(role)

    def _index(self, role: Role) -> None:
        counts: dict[str, int] = {}
        for grant in role.grants:
            counts[grant.system] = counts.get(grant.system, 0) + 1
            permit = _Permit(f"{role.role}:{grant.system}:{counts[grant.system]}", grant.where, _effects(grant))
            for action in _covered(grant):
                key = (role.role, action, grant.system)
                self._permits[key] = (*self._permits.get(key, ()), permit)
        for number, forbid in enumerate(role.forbid, start=1):
            ban = _Ban(f"{role.role}:forbid:{number}", forbid.fields, forbid.unless is not None)
            for action in _covered(forbid):
                for system in forbid.systems or self._fields:
                    key = (role.role, action, system)
                    self._bans[key] = (*self._bans.get(key, ()), ban)

    def default_purpose(self, subject: Subject) -> str:
        """Return the default purpose of the subject's first role."""
        known = (self.roles[held.role].default_purpose for held in subject.roles if held.role in self.roles)
        return next(known, "daily_service")

    def decide(  # noqa: PLR0913  # the inputs of a decision, as policies.md names them
        self,
        subject: Subject,
        action: Action,
        system: str,
        facts: ResourceFacts,
        purpose: str,
        today: date,
        usage: Usage = _UNUSED,
    ) -> Decision:
        """Decide one action of one subject on one system.

        ``fields`` of the decision names every field of the catalogue. An unknown system, role or purpose is no error:
        it matches nothing and so denies. What is *not* looked at: whether the person exists (facts of nobody match no
        permit), and what the record holds.
        """
        if system not in self._fields or purpose not in self.purposes:
            return _denied(self._withhold_all.get(system, {}), DEFAULT_DENY, Reason.NO_GRANT)
        permits: list[_Permit] = []
        bans: list[_Ban] = []
        held: list[str] = []
        granted = False
        for role in subject.roles:
            if not role.holds(today):
                continue
            key = (role.role, action, system)
            candidates = self._permits.get(key, ())
            granted = granted or bool(candidates)
            matching = [permit for permit in candidates if _matches(permit.where, role, subject, facts, purpose)]
            if matching:
                permits += matching
                held.append(role.role)
            bans += [ban for ban in self._bans.get(key, ()) if not (ban.second_factor_lifts and subject.second_factor)]
        if not permits:
            return _denied(self._withhold_all[system], DEFAULT_DENY, Reason.OUT_OF_SCOPE if granted else Reason.NO_GRANT)
        forbidden = next((ban for ban in bans if not ban.fields), None)
        if forbidden is not None:
            return _denied(self._withhold_all[system], forbidden.rule, Reason.FORBIDDEN)
        exhausted = self._exhausted(held, action, usage)
        if exhausted is not None:
            return _denied(self._withhold_all[system], exhausted, Reason.QUOTA)
        return self._combined(tuple(permits), tuple(bans), tuple(held), action, system, purpose)

    def _combined(  # noqa: PLR0913
        self,
        permits: tuple[_Permit, ...],
        bans: tuple[_Ban, ...],
        held: tuple[str, ...],
        action: Action,
        system: str,
        purpose: str,
    ) -> Decision:
        """Combine what matched; the few combinations that occur are kept."""
        rules = tuple(dict.fromkeys(permit.rule for permit in permits))
        banned = tuple(ban.rule for ban in bans)
        key = (rules, banned, held, action, system, purpose)
        found = self._decisions.get(key)
        if found is None:
            found = self._decisions[key] = self._combine(permits, bans, held, action, system, purpose)
        return found

    def _combine(  # noqa: PLR0913
        self,
        permits: tuple[_Permit, ...],
        bans: tuple[_Ban, ...],
        held: tuple[str, ...],
        action: Action,
        system: str,
        purpose: str,
    ) -> Decision:
        effects: dict[str, Effect] = {}
        withheld: dict[str, str] = {}
        for name in self._fields[system]:
            offers = [(permit.fields[name], permit.rule) for permit in permits if name in permit.fields]
            effect, rule = max(offers, key=lambda offer: _WIDTH[offer[0]], default=(Effect.WITHHOLD, DEFAULT_DENY))
            ban = next((ban for ban in bans if name in ban.fields), None)
            if ban is not None:
                effect, rule = Effect.WITHHOLD, ban.rule
            effects[name] = effect
            if effect is Effect.WITHHOLD:
                withheld[name] = rule
        opened = _widest(
            self._reveals[role].get(purpose, _NOTHING) if action is Action.REVEAL else self._could_reveal[role]
            for role in dict.fromkeys(held)
        )
        reveal_s = {name: seconds for name, seconds in opened.items() if effects.get(name) is Effect.MASK}
        rules = tuple(dict.fromkeys(permit.rule for permit in permits))
        if action is Action.REVEAL and not reveal_s:
            return _denied(self._withhold_all[system], DEFAULT_DENY, Reason.PURPOSE_CLOSED)
        return Decision(
            allow=True,
            fields=MappingProxyType(effects),
            withheld_by=MappingProxyType(withheld),
            reveal_s=MappingProxyType(reveal_s),
            rules=rules,
            reason=None,
            digest=_digest(rules, effects, reveal_s),
        )

    def _exhausted(self, held: list[str], action: Action, usage: Usage) -> str | None:
        """Return the quota rule that is used up, if any; with several roles the widest quota counts."""
        if action is Action.REVEAL:
            name, used = "reveals_per_day", usage.reveals
        elif action is Action.READ and not usage.already_seen:
            name, used = "residents_per_day", usage.residents
        else:
            return None
        limits: list[int | None] = [getattr(self.roles[role].quota, name) for role in held]
        if any(limit is None or used < limit for limit in limits):
            return None
        return f"{held[0]}:quota:{name}"


def _covered(rule: Grant | Forbid) -> tuple[Action, ...]:
    """Return the actions that a rule covers: what may be read may be asked to be revealed."""
    reads = Action.READ in rule.actions and Action.REVEAL not in rule.actions
    return (*rule.actions, Action.REVEAL) if reads else rule.actions


def _effects(grant: Grant) -> Mapping[str, Effect]:
    return MappingProxyType(dict(grant.fields))


def _matches(where: Where | None, role: RoleInScope, subject: Subject, facts: ResourceFacts, purpose: str) -> bool:
    if where is None:
        return True
    if not _in_scope(where.region, role.scope, facts):
        return False
    if not facts.person:
        return True
    if where.age_from is not None and (facts.age is None or facts.age < where.age_from):
        return False
    if where.household is not None and (facts.household is None or facts.household != subject.household):
        return False
    # Someone of unknown age may be a child.
    grown = facts.age is not None and facts.age >= CHILD_BELOW
    return grown or purpose in where.children


def _in_scope(kind: str, scope: tuple[str, ...], facts: ResourceFacts) -> bool:
    if kind == "any":
        return True
    # str.startswith takes the whole tuple of prefixes; an empty region starts with none of them.
    return (kind != "registered" and facts.residence_region.startswith(scope)) or (
        kind != "residence" and facts.registered_region.startswith(scope)
    )


def _reveals(role: Role, purposes: Mapping[str, Purpose]) -> dict[str, Mapping[str, int]]:
    """Return purpose -> field -> seconds: what both the role and the purpose open, for the shorter of both times."""
    opened: dict[str, dict[str, int]] = {}
    for rule in role.reveal:
        for purpose in rule.purposes:
            fields = opened.setdefault(purpose, {})
            for name in rule.fields:
                seconds = min(rule.for_seconds, purposes[purpose].opens.get(name, 0))
                if seconds:
                    fields[name] = max(seconds, fields.get(name, 0))
    return dict(opened)


def _widest(opened: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    widest: dict[str, int] = {}
    for fields in opened:
        for name, seconds in fields.items():
            widest[name] = max(seconds, widest.get(name, 0))
    return widest


def _denied(withheld: Mapping[str, str], rule: str, reason: Reason) -> Decision:
    return Decision(
        allow=False,
        fields=MappingProxyType(dict.fromkeys(withheld, Effect.WITHHOLD)),
        withheld_by=withheld,
        reveal_s=_NOTHING,
        rules=(rule,),
        reason=reason,
        digest=_digest((rule,), {}, {}),
    )


def _digest(rules: tuple[str, ...], effects: Mapping[str, Effect], reveal_s: Mapping[str, int]) -> str:
    return sha256(repr((rules, sorted(effects.items()), sorted(reveal_s.items()))).encode()).hexdigest()[:16]
