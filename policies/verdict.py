"""What a combination of matching rules comes to: the widest grants, cut by forbids, with what they open."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

from policies.model import DEFAULT_DENY, Action, Decision, Effect, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policies.documents import Purpose, Quota, Role, Where

_WIDTH = {Effect.WITHHOLD: 0, Effect.MASK: 1, Effect.SHOW: 2}
_NOTHING: Mapping[str, int] = MappingProxyType({})


# Rules are compared by identity: an engine makes each once, and a lookup must not hash whole field tables.
@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """One grant of one role, ready to match."""

    role: str
    rule: str
    where: Where | None
    fields: Mapping[str, Effect]


@dataclass(frozen=True, slots=True, eq=False)
class Ban:
    """One forbid of one role, ready to match."""

    rule: str
    fields: tuple[str, ...]
    """Fields it withholds; the whole action when empty."""
    second_factor_lifts: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """What the ``reveal`` part of one role opens, in seconds by field."""

    by_purpose: Mapping[str, Mapping[str, int]]
    by_any: Mapping[str, int]
    """The longest that any purpose would open it."""
    quota: Quota

    @classmethod
    def of(cls, role: Role, purposes: Mapping[str, Purpose]) -> Opening:
        """Take what both role and purpose open, for the shorter of both times."""
        opened: dict[str, dict[str, int]] = {}
        for rule in role.reveal:
            for purpose in rule.purposes:
                fields = opened.setdefault(purpose, {})
                for name in rule.fields:
                    seconds = min(rule.for_seconds, purposes[purpose].opens.get(name, 0))
                    if seconds:
                        fields[name] = max(seconds, fields.get(name, 0))
        return cls(dict(opened), _longest(opened.values()), role.quota)

    def under(self, action: Action, purpose: str) -> Mapping[str, int]:
        """Return what a reveal under that purpose opens or, for other actions, what some purpose could."""
        return self.by_purpose.get(purpose, _NOTHING) if action is Action.REVEAL else self.by_any


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, and the quota that it hangs on."""

    decision: Decision
    limit: int | None = None
    """The quota; None is no limit."""
    quota: str = ""
    """The quota's rule id."""


def judge(
    permits: Sequence[Permit],
    bans: Sequence[Ban],
    openings: Mapping[str, Opening],
    action: Action,
    purpose: str,
    names: Sequence[str],
) -> Verdict:
    """Combine the rules that matched, at least one permit; ``names`` are the system's fields."""
    for ban in bans:
        if not ban.fields:
            return Verdict(denial(names, ban.rule, Reason.FORBIDDEN))
    effects, withheld = _effects(names, permits, bans)
    opened = {role: _given(openings[role].under(action, purpose), role, permits) for role in _roles(permits)}
    # A reveal may name a field that another role shows anyway: a wider role must not turn it into a denial.
    shut = {Effect.WITHHOLD} if action is Action.REVEAL else {Effect.WITHHOLD, Effect.SHOW}
    longest = _longest(opened.values())
    reveal_s = {name: seconds for name, seconds in longest.items() if effects[name] not in shut}
    if action is Action.REVEAL and not reveal_s:
        return Verdict(denial(names, DEFAULT_DENY, Reason.PURPOSE_CLOSED))
    decision = _decision(
        allow=True,
        rules=tuple(dict.fromkeys(permit.rule for permit in permits)),
        fields=effects,
        withheld_by=withheld,
        reveal_s=reveal_s,
    )
    # A role that opens nothing must not lend its quota to a reveal.
    counting = {
        role: openings[role].quota
        for role, fields in opened.items()
        if action is not Action.REVEAL or not reveal_s.keys().isdisjoint(fields)
    }
    return _limited(decision, action, counting)


def denial(names: Sequence[str], rule: str, reason: Reason) -> Decision:
    """Return the decision that withholds every field."""
    return _decision(
        allow=False,
        rules=(rule,),
        fields=dict.fromkeys(names, Effect.WITHHOLD),
        withheld_by=dict.fromkeys(names, rule),
        reason=reason,
    )


def _effects(
    names: Sequence[str], permits: Sequence[Permit], bans: Sequence[Ban]
) -> tuple[dict[str, Effect], dict[str, str]]:
    """Return the effect of every field, and the rule of every withheld one."""
    effects: dict[str, Effect] = {}
    withheld: dict[str, str] = {}
    for name in names:
        offers = [(permit.fields[name], permit.rule) for permit in permits if name in permit.fields]
        default = (Effect.WITHHOLD, DEFAULT_DENY)
        effect, rule = max(offers, key=lambda offer: _WIDTH[offer[0]], default=default)
        ban = next((ban for ban in bans if name in ban.fields), None)
        if ban is not None:
            effect, rule = Effect.WITHHOLD, ban.rule
        effects[name] = effect
        if effect is Effect.WITHHOLD:
            withheld[name] = rule
    return effects, withheld


def _given(opened: Mapping[str, int], role: str, permits: Sequence[Permit]) -> Mapping[str, int]:
    """Keep what the role's own matching grants give: it must not open what only another role masks."""
    given = {
        name
        for permit in permits
        if permit.role == role
        for name, effect in permit.fields.items()
        if effect is not Effect.WITHHOLD
    }
    return {name: seconds for name, seconds in opened.items() if name in given}


_COUNTED_IN = {Action.READ: "residents_per_day", Action.REVEAL: "reveals_per_day"}


def quota_of(action: Action, quota: Quota) -> int | None:
    """Return the quota that an action counts in, None when it counts in none or there is no limit."""
    name = _COUNTED_IN.get(action)
    limit: int | None = getattr(quota, name) if name else None
    return limit


def _limited(decision: Decision, action: Action, quotas: Mapping[str, Quota]) -> Verdict:
    """Attach the widest quota of the roles that count; None is wider than any number."""
    name = _COUNTED_IN.get(action)
    if name is None:
        return Verdict(decision)
    limits = {role: quota_of(action, quota) for role, quota in quotas.items()}
    finite = [(limit, role) for role, limit in limits.items() if limit is not None]
    if len(finite) < len(limits):
        return Verdict(decision)
    limit, role = max(finite, key=lambda entry: entry[0])
    return Verdict(decision, limit, f"{role}:quota:{name}")


def _roles(permits: Iterable[Permit]) -> Iterable[str]:
    return dict.fromkeys(permit.role for permit in permits)


def _longest(opened: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    longest: dict[str, int] = {}
    for fields in opened:
        for name, seconds in fields.items():
            longest[name] = max(seconds, longest.get(name, 0))
    return longest


def _decision(
    *,
    allow: bool,
    rules: tuple[str, ...],
    fields: Mapping[str, Effect],
    withheld_by: Mapping[str, str],
    reveal_s: Mapping[str, int] = _NOTHING,
    reason: Reason | None = None,
) -> Decision:
    parts = (
        allow,
        rules,
        sorted(fields.items()),
        sorted(withheld_by.items()),
        sorted(reveal_s.items()),
        reason,
    )
    return Decision(
        allow=allow,
        fields=MappingProxyType(fields),
        withheld_by=MappingProxyType(withheld_by),
        reveal_s=MappingProxyType(reveal_s),
        rules=rules,
        reason=reason,
        digest=sha256(repr(parts).encode()).hexdigest()[:16],
    )
