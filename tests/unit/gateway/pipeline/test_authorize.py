"""authorize: which systems are asked, and how a refusal reads."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from connectors.sdk import FindHousehold, FindPerson
from gateway.errors import Denied, NotFoundInScope, QuotaUsedUp
from gateway.model import SearchPeople, SourceState
from policies.documents import Forbid, Role
from policies.model import Action, Reason, RoleInScope, Subject
from tests.unit.gateway.pipeline.cards import HERE, THERE, card, citizen
from tests.unit.gateway.pipeline.hamlet import ROLES, SHOW, Hamlet, grant, hamlet, reader

AT_HOME, ELSEWHERE, UNKNOWN, SECOND, THIRD, FOURTH = (FindPerson(citizen(number)) for number in range(1, 7))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Hamlet]:
    away = card(2, residence_region=THERE, registered_region=THERE)
    neighbours = [card(number) for number in (1, 4, 5, 6)]
    carer = Role(role="carer", title="护理", grants=(grant("elderly", care_level=SHOW),))
    quiet = ROLES["cadre"].model_copy(
        update={"role": "quiet", "forbid": (Forbid(actions=(Action.READ,), systems=("household",)),)}
    )
    roles = {**ROLES, "carer": carer, "quiet": quiet}
    async with hamlet(
        tmp_path, [*neighbours, away], [card(1, care_level="二级")], [card(1), away], roles=roles
    ) as running:
        yield running


async def test_a_system_without_a_grant_is_never_asked_and_reads_denied(town: Hamlet) -> None:
    outcome = await town.ask(AT_HOME, subject=reader("service"))
    assert town.relief.asked == []
    assert outcome.sources["relief"].status is SourceState.DENIED
    assert town.relief.sign_ins == 0


async def test_denied_reads_the_same_whatever_the_system_is_doing(town: Hamlet) -> None:
    town.relief.always = httpx.Response(500)
    town.relief.open.clear()
    for query in (AT_HOME, SECOND):
        outcome = await town.ask(query, subject=reader("service"))
        assert outcome.sources["relief"].status is SourceState.DENIED
    household = await town.ask(FindHousehold("H1"), subject=reader("service"))
    assert household.sources["relief"].status is SourceState.DENIED


async def test_a_reader_who_may_not_ask_the_register_still_gets_what_another_system_shows(
    town: Hamlet,
) -> None:
    outcome = await town.ask(AT_HOME, subject=reader("carer"))
    (person,) = outcome.people
    assert set(person.fields) == {"care_level"}
    assert outcome.sources["household"].status is SourceState.DENIED
    household = await town.ask(FindHousehold("H1"), subject=reader("carer"))
    assert [set(member.fields) for member in household.people] == [{"care_level"}]
    assert household.sources["household"].status is SourceState.DENIED
    assert household.people[0].household is None, "the register's own number"


async def test_by_number_there_is_one_answer_for_nobody_and_for_somebody_elsewhere(town: Hamlet) -> None:
    for query in (ELSEWHERE, UNKNOWN):
        for subject in (reader(), reader("auditor"), reader("carer"), reader("nobody"), Subject("x", ())):
            with pytest.raises(NotFoundInScope) as refused:
                await town.ask(query, subject=subject, named_by_id=True)
            assert refused.value.args == ()
    with pytest.raises(NotFoundInScope):
        await town.ask(ELSEWHERE, action=Action.SEARCH, named_by_id=True)


async def test_by_token_the_refusal_names_its_rule(town: Hamlet) -> None:
    for query in (ELSEWHERE, UNKNOWN):
        with pytest.raises(Denied) as refused:
            await town.ask(query)
        assert (refused.value.rule, refused.value.reason) == ("default-deny", Reason.OUT_OF_SCOPE)
    with pytest.raises(Denied) as refused:
        await town.ask(AT_HOME, subject=reader("auditor"))
    assert refused.value.reason is Reason.NO_GRANT


async def test_somebody_whom_no_allowed_system_knows_is_refused_as_if_out_of_reach(town: Hamlet) -> None:
    with pytest.raises(Denied) as refused:
        await town.ask(SECOND, subject=reader("carer"))
    assert (refused.value.rule, refused.value.reason) == ("default-deny", Reason.OUT_OF_SCOPE)
    with pytest.raises(NotFoundInScope):
        await town.ask(SECOND, subject=reader("carer"), named_by_id=True)


async def test_a_forbid_shuts_one_system_and_leaves_the_others(town: Hamlet) -> None:
    outcome = await town.ask(AT_HOME, subject=reader("quiet"))
    assert outcome.sources["household"].status is SourceState.DENIED
    assert "household" not in {
        value.source for values in outcome.people[0].fields.values() for value in values
    }


async def test_a_role_holds_between_its_days(town: Hamlet) -> None:
    today = town.clock.today()
    for valid_from, valid_until, held in (
        (today, today, True),
        (today + timedelta(days=1), None, False),
        (None, today - timedelta(days=1), False),
        (date(2020, 1, 1), None, True),
    ):
        subject = Subject("lu", (RoleInScope("cadre", (HERE,), valid_from, valid_until),))
        if held:
            assert (await town.ask(AT_HOME, subject=subject)).people
        else:
            with pytest.raises(Denied):
                await town.ask(AT_HOME, subject=subject)


async def test_a_used_up_quota_says_when_it_returns(town: Hamlet) -> None:
    for query in (AT_HOME, SECOND, THIRD):
        await town.ask(query)
    with pytest.raises(QuotaUsedUp) as refused:
        await town.ask(FOURTH)
    assert (refused.value.rule, refused.value.retry_after_s) == (
        "cadre:quota:residents_per_day",
        (15 * 60 + 48) * 60 + 1,
    )
    with pytest.raises(QuotaUsedUp):
        await town.ask(FOURTH, named_by_id=True)
    assert (await town.ask(AT_HOME)).people, "who was seen today costs no more"
    town.clock.move(seconds=refused.value.retry_after_s - 2)
    with pytest.raises(QuotaUsedUp):
        await town.ask(FOURTH)
    town.clock.move(seconds=2)
    assert (await town.ask(FOURTH)).people


async def test_a_used_up_quota_tells_nothing_of_anybody_elsewhere(town: Hamlet) -> None:
    for query in (AT_HOME, SECOND, THIRD):
        await town.ask(query)
    for query in (ELSEWHERE, UNKNOWN):
        with pytest.raises(NotFoundInScope):
            await town.ask(query, named_by_id=True)


async def test_a_reveal_needs_a_purpose_that_opens(town: Hamlet) -> None:
    with pytest.raises(Denied) as refused:
        await town.ask(AT_HOME, action=Action.REVEAL, reveal=("phone",))
    assert refused.value.reason is Reason.PURPOSE_CLOSED
    assert town.elderly.asked == []


async def test_an_unknown_purpose_opens_nothing(town: Hamlet) -> None:
    with pytest.raises(Denied):
        await town.ask(AT_HOME, purpose="curiosity")


async def test_a_search_is_refused_to_who_may_search_nowhere(town: Hamlet) -> None:
    for subject in (reader("auditor"), replace(reader(), roles=(RoleInScope("cadre", ()),))):
        with pytest.raises(Denied):
            await town.ask(SearchPeople("陈", 20), subject=subject)
    assert town.household.asked == []
