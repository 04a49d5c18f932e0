"""A line system's message makes the gateway forget that system's answers, once, if it is signed."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest

from connectors.sdk.mock import MockUpstream
from connectors.sdk.webhook import key_of, signature
from gateway.audit.event import EventAction
from gateway.errors import Busy, NotVerified
from gateway.upstream.webhook import TOLERANCE_S, Webhook
from mocks.server import application, serving
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, card, citizen
from tests.unit.gateway.web.site import WEBHOOK_KEY, Answer, Site, signed, site

ONE = citizen(1).number


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Site]:
    person = card(1, residence_region=HERE, registered_region=HERE)
    async with site(tmp_path, [person], [person], []) as running:
        yield running


async def send(place: Site, body: object, system: str = "elderly", **changed: str) -> Answer:
    """Send a message as the system does; ``changed`` replaces headers after it was signed."""
    raw = orjson.dumps(body)
    headers = signed(raw) | {f"webhook-{name}": value for name, value in changed.items()}
    return await post(place, system, raw, headers)


async def post(place: Site, system: str, raw: bytes, headers: dict[str, str]) -> Answer:
    sent = {"Content-Type": "application/json", **headers}
    return await place.ask("POST", f"/api/v1/webhooks/{system}", body=raw, **sent)


async def asked_anew(place: Site) -> set[str]:
    """Look somebody up and return the systems that had to be asked."""
    before = {name: len(cards.asked) for name, cards in place.systems.items()}
    answer = await place.ask("POST", "/api/v1/residents/lookup", "cadre", body={"id_number": ONE})
    assert answer.status == 200, answer.raw
    return {name for name, cards in place.systems.items() if "FindPerson" in cards.asked[before[name] :]}


@pytest.mark.parametrize(
    "body",
    [
        {"people": [{"id_number": ONE}]},
        {"people": [{"id_number": citizen(2).number}, {"id_number": ONE.lower()}]},
        {"committees": [HERE]},
        {"everything": True},
    ],
)
async def test_its_own_answers_are_forgotten(place: Site, body: object) -> None:
    await asked_anew(place)
    assert await asked_anew(place) == set()
    answer = await send(place, body)
    assert (answer.status, answer.raw) == (204, b"")
    assert await asked_anew(place) == {"elderly"}


async def test_a_mock_sends_such_messages_when_it_is_told_to(place: Site) -> None:
    await asked_anew(place)
    change = {
        "url": f"{place.url}/api/v1/webhooks/elderly",
        "secret": WEBHOOK_KEY.decode(),
        "message": {"people": [{"id_number": ONE}]},
    }
    mock = application(lambda _committee, _age: [], MockUpstream("elderly"))
    async with serving(mock) as url, httpx.AsyncClient() as client:
        told = await client.post(f"{url}/_mock/changes", json=change)
        assert (told.status_code, told.json()) == (200, {"status": 204})
        assert await asked_anew(place) == {"elderly"}
        elsewhere = await client.post(f"{url}/_mock/changes", json=change | {"url": "http://example.com/"})
        assert elsewhere.status_code == 422


async def test_a_change_of_somebody_else_is_no_matter(place: Site) -> None:
    await asked_anew(place)
    for body in ({"people": [{"local_id": "E1"}]}, {"committees": ["319999003003"]}):
        assert (await send(place, body)).status == 204
    assert await asked_anew(place) == set()


async def test_the_message_is_written_down(place: Site) -> None:
    await send(place, {"people": [{"id_number": ONE}]})
    events, _ = await place.services.audit_log.events(action=EventAction.CACHE_PURGE)
    (event,) = (one.event for one in events)
    assert (event.actor.account, event.systems) == ("system:elderly", {"elderly": "purged"})
    assert event.subjects == (place.services.recorder.pseudonym(citizen(1)),)


async def test_only_what_is_signed_timely_and_new_is_believed(place: Site) -> None:
    await asked_anew(place)
    raw = orjson.dumps({"everything": True})
    late = str(int(time.time()) - TOLERANCE_S - 5)
    refused = [
        await send(place, {"everything": True}, signature="v1,AAAA"),
        await send(place, {"everything": True}, signature="é"),
        await send(place, {"everything": True}, id="another-message"),
        await send(place, {"everything": True}, timestamp=str(int(time.time()) - 7)),
        await send(place, {"everything": True}, timestamp="soon"),
        await send(place, {"everything": True}, "relief"),
        await send(place, {"everything": True}, "household"),
        await send(place, {"everything": True}, "nothing"),
        await send(
            place,
            {"everything": True},
            timestamp=late,
            id="late-message",
            signature=signature(WEBHOOK_KEY, "late-message", late, raw),
        ),
        await post(place, "elderly", raw, {}),
    ]
    assert {(answer.status, answer.json["code"]) for answer in refused} == {(401, "not_verified")}
    assert await asked_anew(place) == set()


async def test_a_message_is_taken_once(place: Site) -> None:
    now = str(int(time.time()))
    raw = orjson.dumps({"everything": True})
    headers = {
        "webhook-id": "message-1",
        "webhook-timestamp": now,
        # Two keys while one replaces the other.
        "webhook-signature": "v1,AAAA " + signature(WEBHOOK_KEY, "message-1", now, raw),
    }
    statuses = [(await post(place, "elderly", raw, headers)).status for _ in range(3)]
    assert statuses == [204, 401, 401]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"everything": False},
        {"everything": True, "committees": [HERE]},
        {"people": [{}]},
        {"people": [{"id_number": ONE, "local_id": "1"}]},
        {"people": [{"id_number": "1"}]},
        {"committees": ["31"]},
        {"people": [{"local_id": "1"}] * 201},
    ],
)
async def test_a_message_must_say_what_changed(place: Site, body: object) -> None:
    answer = await send(place, body)
    assert answer.status == 422, answer.raw
    assert all(one["message"] for one in answer.json["errors"])


async def test_a_large_message_is_refused(place: Site) -> None:
    answer = await send(place, {"people": [{"local_id": "1" * 64}] * 2000})
    assert answer.status == 413


def test_it_is_signed_as_the_specification_has_it() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    assert (
        signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize("secret", ["short", "whsec_c2hvcnQ=", "whsec_***"])
def test_a_secret_must_be_long_enough(secret: str) -> None:
    with pytest.raises(ValueError, match="secret of a webhook"):
        key_of(secret)


def test_ids_are_remembered_for_as_long_as_they_may_come_again() -> None:
    clock = StillClock()
    hook = Webhook(WEBHOOK_KEY, clock, max_ids=2)

    def come(message_id: str) -> None:
        now = str(int(clock.now().timestamp()))
        hook.check(message_id, now, signature(WEBHOOK_KEY, message_id, now, b""), b"")

    come("message-1")
    clock.move(seconds=2 * TOLERANCE_S - 1)
    with pytest.raises(NotVerified):
        come("message-1")
    come("message-2")
    with pytest.raises(Busy):
        come("message-3")
    clock.move(seconds=1)
    come("message-3")
