"""authorize: ask the policy engine which systems may be asked for which fields.

Denies by default; fails closed.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from gateway.clock import SHANGHAI
from gateway.errors import Denied, NotFoundInScope, QuotaUsedUp
from gateway.model import SearchPeople
from policies.model import DEFAULT_DENY, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gateway.clock import Clock
    from gateway.model import Call, Outcome
    from gateway.pipeline.ruling import Rulings
    from gateway.pipeline.step import Authorize, Disclose, Located
    from policies.model import Decision, Usage

    UsageOf = Callable[[Call], Usage]


def authorize(step: Disclose, rulings: Rulings, usage_of: UsageOf, clock: Clock) -> Authorize:
    """Make the step; ``usage_of`` returns where the reader's quotas stand."""

    async def authorized(located: Located) -> Outcome:
        call = located.call
        ruling = rulings.of(located, usage_of(call))
        if not ruling.allowed:
            raise refusal(call, ruling.decisions.values(), clock)
        outcome = await step(located, ruling)
        if not outcome.people and not isinstance(call.query, SearchPeople):
            # Allowed in general, but nobody may be shown: the same answer as for somebody out of reach.
            raise refusal(call, (), clock)
        return outcome

    return authorized


def refusal(call: Call, denials: Collection[Decision], clock: Clock) -> Denied | NotFoundInScope:
    """Return the error for a call that no system may answer.

    A person named by number is never confirmed: not found, whatever the reason, but for a used-up quota,
    which only somebody with a permit for that person can meet.
    """
    reasons = [(decision.reason, decision.rules[0]) for decision in denials if decision.reason is not None]
    reason, rule = min(
        reasons, key=lambda why: _GRAVITY.index(why[0]), default=(Reason.OUT_OF_SCOPE, DEFAULT_DENY)
    )
    if reason is Reason.QUOTA:
        return QuotaUsedUp(rule, reason, _seconds_to_midnight(clock.now()))
    return NotFoundInScope() if call.named_by_id else Denied(rule, reason)


_GRAVITY = [Reason.QUOTA, Reason.FORBIDDEN, Reason.PURPOSE_CLOSED, Reason.OUT_OF_SCOPE, Reason.NO_GRANT]
"""Of several systems' denials the one that tells the reader most comes first."""


def _seconds_to_midnight(now: datetime) -> int:
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), SHANGHAI)
    return int((midnight - now).total_seconds()) + 1
