"""Decide who may see what: default deny, forbid wins, pure and indexed.

Semantics as in Cedar: nothing is allowed without a matching permit; a matching forbid wins over every permit.
Of several matching permits each field takes the widest effect. A decision costs microseconds: all that does
not depend on the request is prepared when the engine is made, and each combination of rules is judged once.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from policies.model import (
    CHILD_BELOW,
    DEFAULT_DENY,
    Action,
    Decision,
    Reason,
    ResourceFacts,
    RoleInScope,
    Subject,
    Usage,
)
from policies.verdict import Ban, Opening, Permit, Verdict, denial, judge, quota_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from policies.documents import Forbid, Grant, Purpose, Role, Where

_UNUSED = Usage()


@dataclass(slots=True)
class _Rules:
    """What one role says of one action on one system."""

    permits: tuple[Permit, ...] = ()
    bans: tuple[Ban, ...] = ()


class Engine:
    """Hold one version of the policy, indexed by (action, system) and role."""

    def __init__(
        self,
        roles: Mapping[str, Role],
        purposes: Mapping[str, Purpose],
        catalogue: Mapping[str, Iterable[str]],
        version: str,
    ) -> None:
        """Take validated roles and purposes, and every system's fields (see :mod:`policies.load`)."""
        self.roles = roles
        self.purposes = purposes
        self.version = version
        self.catalogue: Mapping[str, tuple[str, ...]] = {
            name: tuple(fields) for name, fields in catalogue.items()
        }
        self._openings = {name: Opening.of(role, purposes) for name, role in roles.items()}
        self._rules: dict[tuple[Action, str], dict[str, _Rules]] = {}
        self._verdicts: dict[tuple[object, ...], Verdict] = {}
        self._denials: dict[tuple[str, str, Reason], Decision] = {}
        self.rule_ids = frozenset(rule for role in roles.values() for rule in self._index(role))
        """Every grant (``role:system:n``) and every forbid (``role:forbid:n``)."""

    def _index(self, role: Role) -> Iterator[str]:
        """File the rules of one role under what they speak of; yield their ids."""
        counts: dict[str, int] = {}
        for grant in role.grants:
            counts[grant.system] = counts.get(grant.system, 0) + 1
            rule = f"{role.role}:{grant.system}:{counts[grant.system]}"
            permit = Permit(role.role, rule, grant.where, MappingProxyType(dict(grant.fields)))
            for action in _covered(grant):
                self._rules_of(action, grant.system, role.role).permits += (permit,)
            yield rule
        for number, forbid in enumerate(role.forbid, start=1):
            ban = Ban(f"{role.role}:forbid:{number}", forbid.fields, forbid.unless is not None)
            for action in _covered(forbid):
                for system in forbid.systems or self.catalogue:
                    self._rules_of(action, system, role.role).bans += (ban,)
            yield ban.rule

    def _rules_of(self, action: Action, system: str, role: str) -> _Rules:
        return self._rules.setdefault((action, system), {}).setdefault(role, _Rules())

    def default_purpose(self, subject: Subject) -> str:
        """Return the default purpose of the subject's first role; *not* whether that role still holds."""
        known = (self.roles[held.role].default_purpose for held in subject.roles if held.role in self.roles)
        return next(known, "daily_service")

    def decide(
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

        ``fields`` of the decision names every field of the catalogue. An unknown system, role or purpose is
        no error: it matches nothing and so denies. Quotas are compared, *not* counted; of several roles the
        widest counts. What is *not* looked at: whether the person exists (facts of nobody match no permit),
        what the record holds, and whether a purpose that needs a note has one.
        """
        by_role = self._rules.get((action, system))
        if by_role is None or purpose not in self.purposes:
            return self._denied(system, DEFAULT_DENY, Reason.NO_GRANT)
        permits, bans, granted = _matching(by_role, subject, facts, purpose, today)
        if not permits:
            return self._denied(system, DEFAULT_DENY, Reason.OUT_OF_SCOPE if granted else Reason.NO_GRANT)
        # As many keys as rules combine in roles that people hold together: few, and never a person's data.
        key = (*permits, *bans, action, system, purpose)
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = judge(permits, bans, self._openings, action, purpose, self.catalogue[system])
            self._verdicts[key] = verdict
        if verdict.limit is not None and _used(action, usage) >= verdict.limit:
            return self._denied(system, verdict.quota, Reason.QUOTA)
        return verdict.decision

    def metered(self, subject: Subject, action: Action, usage: Usage) -> bool:
        """Tell whether a quota of any of the subject's roles is used up.

        While none is, ``decide`` answers as it does for an unused quota, whatever it is asked about.
        """
        used = _used(action, usage)
        for held in subject.roles:
            role = self.roles.get(held.role)
            limit = quota_of(action, role.quota) if role is not None else None
            if limit is not None and used >= limit:
                return True
        return False

    def _denied(self, system: str, rule: str, reason: Reason) -> Decision:
        fields = self.catalogue.get(system)
        if fields is None:
            # Not kept: names from outside must not fill the memory.
            return denial((), rule, reason)
        key = (system, rule, reason)
        found = self._denials.get(key)
        if found is None:
            found = self._denials[key] = denial(fields, rule, reason)
        return found


def _covered(rule: Grant | Forbid) -> Iterable[Action]:
    """Return the actions that a rule covers: what may be read may be asked to be revealed."""
    implied = (Action.REVEAL,) if Action.READ in rule.actions else ()
    return dict.fromkeys((*rule.actions, *implied))


def _matching(
    by_role: Mapping[str, _Rules], subject: Subject, facts: ResourceFacts, purpose: str, today: date
) -> tuple[list[Permit], list[Ban], bool]:
    """Return what matches, and whether any grant would elsewhere or for somebody else."""
    permits: list[Permit] = []
    bans: list[Ban] = []
    granted = False
    for role in subject.roles:
        rules = by_role.get(role.role)
        if rules is None or not role.holds(today):
            continue
        for permit in rules.permits:
            granted = True
            if _matches(permit.where, role, subject, facts, purpose):
                permits.append(permit)
        for ban in rules.bans:
            if not (ban.second_factor_lifts and subject.second_factor):
                bans.append(ban)  # noqa: PERF401  # there is hardly ever one: a comprehension costs more
    return permits, bans, granted


def _matches(
    where: Where | None, role: RoleInScope, subject: Subject, facts: ResourceFacts, purpose: str
) -> bool:
    if where is None:
        return True
    if not _in_scope(where.region, role.scope, facts):
        return False
    if not facts.person:
        return True
    if where.age_from is not None and (facts.age is None or facts.age < where.age_from):
        return False
    # Two unknown households are not the same household.
    if where.household is not None and not (facts.household and facts.household == subject.household):
        return False
    # Someone of unknown age may be a child.
    grown = facts.age is not None and facts.age >= CHILD_BELOW
    return grown or purpose in where.children


def _in_scope(kind: str, scope: tuple[str, ...], facts: ResourceFacts) -> bool:
    if kind == "any":
        return True
    # Every text starts with an empty prefix: a scope that names nothing would cover the whole country.
    if not scope or "" in scope:
        return False
    if facts.own_area:
        return True
    # str.startswith takes the whole tuple of prefixes; an empty region starts with none of them.
    return (kind != "registered" and facts.residence_region.startswith(scope)) or (
        kind != "residence" and facts.registered_region.startswith(scope)
    )


def _used(action: Action, usage: Usage) -> int:
    """Return what the reader has used of the quota that an action counts in; -1 if this one costs nothing."""
    if action is Action.REVEAL:
        return usage.reveals
    return -1 if usage.already_seen else usage.residents
