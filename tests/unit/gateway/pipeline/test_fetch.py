"""fetch: the exchange under the account's session, and what happens when that session ends."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from connectors.sdk import (
    AuthRejected,
    BadUpstreamData,
    CaptchaRequired,
    Exchange,
    FindPerson,
    Query,
    Unavailable,
    ask,
)
from gateway.pipeline.fetch import SessionLost, fetch
from gateway.pipeline.guard import guard
from gateway.tasks import Tasks
from gateway.upstream.account import AccountState
from gateway.upstream.system import LineSystem
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import CARDS, PASSWORD, CardConnector, Cards, card, citizen, line

QUERY = FindPerson(citizen(1))


class InTwoSteps(CardConnector):
    """Asks twice and takes the second answer."""

    def exchange(self, query: Query) -> Exchange:
        yield from super().exchange(query)
        answer = yield from ask(self.get("/second"))
        return list(CARDS.validate_json(answer.content))


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.close()


@pytest.fixture
def cards() -> Cards:
    return Cards([card(1)])


@pytest.fixture
def system(cards: Cards, tasks: Tasks) -> LineSystem:
    return line("household", cards, StillClock(), tasks)


async def test_the_first_question_signs_in_and_the_next_ones_do_not(cards: Cards, system: LineSystem) -> None:
    step = fetch(system)
    assert cards.sign_ins == 0, "nobody has asked yet"
    assert [record.identity for record in await step(QUERY)] == [QUERY.identity]
    await step(QUERY)
    assert cards.sign_ins == 1


async def test_an_expired_session_is_renewed_unseen(cards: Cards, system: LineSystem) -> None:
    step = fetch(system)
    await step(QUERY)
    cards.tickets.clear()
    assert len(await step(QUERY)) == 1
    assert (cards.sign_ins, cards.asked) == (2, ["FindPerson"] * 3)


async def test_an_exchange_restarts_from_its_beginning(cards: Cards, tasks: Tasks) -> None:
    step = fetch(line("household", cards, StillClock(), tasks, InTwoSteps))
    rows = CARDS.dump_json([card(1)])
    cards.replies = [httpx.Response(status, content=rows) for status in (200, 401, 200, 200)]
    assert len(await step(QUERY)) == 1
    assert cards.asked == ["FindPerson", "second"] * 2
    assert cards.sign_ins == 2


async def test_a_thousand_expiries_at_once_make_one_sign_in(cards: Cards, system: LineSystem) -> None:
    step = fetch(system)
    await step(QUERY)
    cards.tickets.clear()
    answers = await asyncio.gather(*(step(QUERY) for _ in range(1000)))
    assert all(len(records) == 1 for records in answers)
    assert cards.sign_ins == 2


async def test_late_expiries_of_the_old_session_join_the_new_one(cards: Cards, system: LineSystem) -> None:
    """Replies to one expired session come in one after the other; only the first signs in."""
    step = fetch(system)
    await step(QUERY)
    cards.tickets.clear()
    cards.delay_s = 0.02
    early = asyncio.ensure_future(step(QUERY))
    await asyncio.sleep(0.01)
    late = asyncio.ensure_future(step(QUERY))
    await asyncio.gather(early, late)
    assert cards.sign_ins == 2


async def test_a_session_that_keeps_expiring_is_the_systems_trouble(cards: Cards, system: LineSystem) -> None:
    cards.always = httpx.Response(401)
    with pytest.raises(SessionLost):
        await fetch(system)(QUERY)
    assert len(cards.asked) == cards.sign_ins == 2, "signed in once more and no oftener"


async def test_a_session_that_keeps_expiring_is_not_tried_again(cards: Cards, tasks: Tasks) -> None:
    """With the guard and its retry around it, and for a crowd: an account may be locked for its sign-ins."""
    clock = StillClock()
    system = line("household", cards, clock, tasks, retry=True)
    step = guard(fetch(system), system, clock)
    cards.always = httpx.Response(401)
    with pytest.raises(Unavailable):
        await step(QUERY)
    assert cards.sign_ins == 2
    ended = await asyncio.gather(*(step(QUERY) for _ in range(4)), return_exceptions=True)
    assert {type(error) for error in ended} == {SessionLost}
    assert cards.sign_ins == 3


async def test_nobody_is_no_records(cards: Cards, system: LineSystem) -> None:
    cards.always = httpx.Response(404)
    assert await fetch(system)(QUERY) == []


@pytest.mark.parametrize("password", ["changed", ""])
async def test_a_rejected_password_is_sent_once(cards: Cards, system: LineSystem, password: str) -> None:
    cards.password = password
    step = fetch(system)
    failures = await asyncio.gather(*(step(QUERY) for _ in range(50)), return_exceptions=True)
    assert {type(error) for error in failures} == {AuthRejected}
    cards.password = PASSWORD
    with pytest.raises(AuthRejected):
        await step(QUERY)
    assert cards.sign_ins == 1
    assert system.account.state is AccountState.NEEDS_ATTENTION


async def test_a_system_that_rejects_in_the_middle_is_not_asked_again(
    cards: Cards, system: LineSystem
) -> None:
    step = fetch(system)
    await step(QUERY)
    cards.always = httpx.Response(403)
    for _ in range(3):
        with pytest.raises(AuthRejected):
            await step(QUERY)
    assert len(cards.asked) == 2, "the password may travel with every call"
    assert system.account.state is AccountState.NEEDS_ATTENTION


async def test_a_captcha_is_left_to_a_person(cards: Cards, tasks: Tasks) -> None:
    clock = StillClock()
    system = line("household", cards, clock, tasks)
    step = fetch(system)
    cards.replies = [httpx.Response(428)]
    with pytest.raises(CaptchaRequired):
        await step(QUERY)
    with pytest.raises(CaptchaRequired):
        await step(QUERY)
    assert (len(cards.asked), cards.sign_ins) == (1, 1)
    assert system.account.state is AccountState.CAPTCHA
    clock.move(seconds=20)
    assert len(await step(QUERY)) == 1


async def test_no_word_of_the_system_reaches_an_error(cards: Cards, system: LineSystem) -> None:
    cards.always = httpx.Response(200, content=f'[{{"name": "{citizen(1).number}"}}]'.encode())
    with pytest.raises(BadUpstreamData) as failed:
        await fetch(system)(QUERY)
    assert (
        citizen(1).number not in f"{failed.value!r} {failed.value.__cause__!r} {failed.value.__context__!r}"
    )
