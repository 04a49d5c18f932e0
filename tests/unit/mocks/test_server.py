import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import orjson
import pytest

from connectors.household import HouseholdConnector, HouseholdSettings
from connectors.sdk import Credential, ListCommittee
from connectors.sdk.mock import MockUpstream
from connectors.sdk.mock.upstream import LOGIN
from connectors.sdk.run import converse, fetch
from mocks.city import DEMO_COMMITTEE, City
from mocks.household import build
from mocks.server import application, serving

ROOT = Path(__file__).parents[3]
Json = Any


@cache
def city() -> City:
    return City(seed=1, population=12_000)


def echo() -> MockUpstream:
    """A mock that answers with what it was sent."""
    mock = MockUpstream("echo")

    @mock.route("POST", "/echo", operation="echo")
    def handler(request: httpx.Request) -> httpx.Response:
        headers = [
            ("Content-Type", "text/plain;charset=GBK"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
            ("X-Query", request.url.query.decode()),
            ("X-Cookie", request.headers.get("cookie", "")),
        ]
        return httpx.Response(418, headers=headers, content=request.content)

    mock.route("GET", "/login", operation=LOGIN)(lambda _: httpx.Response(302, headers={"Location": "/main"}))
    return mock


@asynccontextmanager
async def served(mock: MockUpstream | None) -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        serving(application(city().truth, mock)) as base_url,
        aiohttp.ClientSession(base_url, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as client,
    ):
        yield client


async def put_faults(client: aiohttp.ClientSession, **faults: object) -> int:
    async with client.put("/_mock/faults", json=faults) as response:
        return response.status


async def get(client: aiohttp.ClientSession, path: str) -> tuple[int, Json]:
    async with client.get(path) as response:
        return response.status, await response.json()


async def test_a_request_and_its_answer_cross_the_wire_unchanged() -> None:
    body = "𠮷田".encode("gb18030") + b"\x00\xff"
    async with served(echo()) as client:
        async with client.post("/echo?x=%D2%BB&y=1", data=body, headers={"Cookie": "c=3"}) as response:
            assert response.status == 418
            assert await response.read() == body
            assert response.headers["Content-Type"] == "text/plain;charset=GBK"
            assert response.headers.getall("Set-Cookie") == ["a=1", "b=2"]
            assert response.headers["X-Query"] == "x=%D2%BB&y=1"
            assert response.headers["X-Cookie"] == "c=3"
        async with client.get("/login", allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (302, "/main")
        async with client.get("/nowhere") as response:
            assert response.status == 404


async def test_counts_calls_sign_ins_and_the_unknown() -> None:
    async with served(echo()) as client:
        for path in ("/echo", "/echo", "/other"):
            async with client.post(path):
                pass
        async with client.get("/login", allow_redirects=False):
            pass
        assert await get(client, "/_mock/stats") == (
            200,
            {
                "calls": 2,
                "logins": 0,
                "failed_logins": 0,
                "max_concurrent": 1,
                "by_operation": {"echo": 2, "unknown": 1, "login": 1},
            },
        )


async def test_faults_are_put_as_a_whole_set_and_read_back() -> None:
    async with served(echo()) as client:
        assert await put_faults(client, error_rate=1, latency_ms=1) == 200
        assert (await get(client, "/_mock/faults"))[1]["error_rate"] == 1.0
        async with client.post("/echo") as response:
            assert response.status == 500
        assert await put_faults(client) == 200
        faults = (await get(client, "/_mock/faults"))[1]
        assert (faults["error_rate"], faults["latency_ms"]) == (0.0, 0)
        async with client.post("/echo") as response:
            assert response.status == 418


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"hung": true}', "hung"),
        (b'{"error_rate": 2}', "error_rate"),
        (b'{"latency_ms": "soon"}', "latency_ms"),
        (b'{"charset": "klingon"}', "charset"),
        (b'{"charset": "hex"}', "charset"),
        (b"[]", ""),
        (b"not JSON", ""),
        (b"", ""),
        (b"\xff\xfe", ""),
    ],
)
async def test_wrong_faults_are_named_and_change_nothing(body: bytes, field: str) -> None:
    async with served(echo()) as client:
        await put_faults(client, latency_ms=1)
        async with client.put("/_mock/faults", data=body) as response:
            assert response.status == 422
            (error,) = (await response.json())["errors"]
        assert error["field"] == field
        assert error["message"]
        assert (await get(client, "/_mock/faults"))[1]["latency_ms"] == 1


async def test_truth_is_told_beside_each_mock_and_on_the_citys_own_port() -> None:
    path = f"/_mock/truth?committee={DEMO_COMMITTEE}&age_from=90"
    expected = orjson.loads(orjson.dumps(city().truth(DEMO_COMMITTEE, 90)))
    assert expected
    for mock in (echo(), None):
        async with served(mock) as client:
            assert await get(client, path) == (200, expected)
    async with served(None) as client:
        assert len((await get(client, f"/_mock/truth?committee={DEMO_COMMITTEE}"))[1]) > 2_900
        assert await get(client, "/_mock/truth?committee=310101999999") == (200, [])
        for elsewhere in ("/_mock/stats", "/login.jsp", "/"):
            async with client.get(elsewhere) as response:
                assert response.status == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "committee"),
        ("committee=310109", "committee"),
        ("committee=曲阳路", "committee"),
        ("committee=310109010003&age_from=old", "age_from"),
        ("committee=310109010003&age_from=-1", "age_from"),
        ("committee=310109010003&age=90", "age"),
    ],
)
async def test_a_wrong_question_for_the_truth_is_named(query: str, field: str) -> None:
    async with served(None) as client:
        status, answer = await get(client, f"/_mock/truth?{query}")
        assert (status, [error["field"] for error in answer["errors"]]) == (422, [field])


async def test_who_hangs_up_on_a_hanging_mock_frees_it() -> None:
    mock = echo()
    async with served(mock) as client:
        await put_faults(client, hang=True)
        with pytest.raises(TimeoutError):
            async with client.post("/echo", timeout=aiohttp.ClientTimeout(total=0.1)):
                pass
        async with asyncio.timeout(5):
            while mock.stats.in_flight:
                await asyncio.sleep(0.01)
        assert await put_faults(client) == 200
        async with client.post("/echo") as response:
            assert response.status == 418


async def test_a_hanging_mock_answers_when_it_is_well_again() -> None:
    async with served(echo()) as client, asyncio.TaskGroup() as group:
        await put_faults(client, hang=True)
        waiting = group.create_task(post(client))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await put_faults(client)
        assert await waiting == 418


async def post(client: aiohttp.ClientSession) -> int:
    async with client.post("/echo") as response:
        return response.status


async def test_a_hanging_handler_does_not_hold_up_the_end() -> None:
    mock = echo()
    async with asyncio.timeout(5), aiohttp.ClientSession() as client:
        async with serving(application(city().truth, mock)) as base_url:
            async with client.put(f"{base_url}/_mock/faults", json={"hang": True}):
                pass
            hanging = asyncio.ensure_future(client.post(f"{base_url}/echo"))
            while not mock.stats.in_flight:
                await asyncio.sleep(0.01)
        with pytest.raises(aiohttp.ClientError):
            await hanging


async def test_oversize_is_streamed() -> None:
    async with served(echo()) as client:
        await put_faults(client, oversize_mb=1024)
        async with client.post("/echo") as response:
            assert (response.status, response.content_length) == (418, 1024**3)
            assert len(await response.content.readexactly(100_000)) == 100_000
            response.close()
        await put_faults(client, oversize_mb=2)
        async with client.post("/echo") as response:
            assert len(await response.read()) == 2 * 1024**2


async def test_drip_comes_a_few_bytes_at_a_time_and_whole_in_the_end() -> None:
    async with served(echo()) as client:
        await put_faults(client, drip=True)
        async with client.post("/echo", data=b"12345678") as response:
            assert response.content_length == 8
            first = await response.content.readany()
            assert 0 < len(first) < 8
            assert first + await response.read() == b"12345678"


async def test_a_taken_port_is_an_error_of_the_system() -> None:
    async with serving(application(city().truth)) as base_url:
        with pytest.raises(OSError, match="in use"):
            async with serving(application(city().truth), int(base_url.rpartition(":")[2])):
                pass


async def test_a_connector_speaks_to_the_served_mock() -> None:
    mock = build(city(), {"gateway": "s"}, seed=1)
    async with serving(application(city().truth, mock)) as base_url, httpx.AsyncClient() as client:
        connector = HouseholdConnector(base_url, HouseholdSettings())

        async def send(request: httpx.Request) -> httpx.Response:
            return await client.send(request)

        session = await converse(connector.auth.sign_in(Credential("gateway", "s")), send, connector.base_url)
        listed = await fetch(connector, ListCommittee(DEMO_COMMITTEE), session, send)
    expected = [
        entry for p in city().committee_people(DEMO_COMMITTEE) for entry in city().household_entries(p)
    ]
    assert len(listed) == len(expected)
    assert 1 <= mock.stats.max_concurrent <= 4


# --- python -m mocks


@asynccontextmanager
async def mocks(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-m", "mocks", "--population", "1000", *arguments,
        cwd=ROOT, env={"COMMUNITY_CLOUD_MOCK_PASSWORD": "known"},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def announced(process: asyncio.subprocess.Process) -> Json:
    assert process.stdout is not None
    line = await process.stdout.readline()
    assert process.stderr is not None
    assert line, await process.stderr.read()
    return orjson.loads(line)


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, bytes]:
    _, complaints = await process.communicate()
    return process.returncode, complaints


async def test_all_systems_and_the_city_on_one_line_of_json() -> None:
    async with mocks("--json") as process, aiohttp.ClientSession() as client:
        said = await announced(process)
        assert list(said["systems"]) == ["household", "elderly", "relief", "benefits", "meals"]
        for system in said["systems"].values():
            names = {account["username"]: account["password"] for account in system["accounts"]}
            assert names == {"gateway": "known", "cadre": "known", "cadre2": "known"}
            async with client.get(f"{system['base_url']}/_mock/stats") as response:
                assert (await response.json())["calls"] == 0
        async with client.get(
            f"{said['city']['base_url']}/_mock/truth?committee={DEMO_COMMITTEE}"
        ) as response:
            assert await response.json()
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == (0, b"")


async def test_the_mocks_end_with_who_started_them() -> None:
    async with mocks("household", "--json", "--until-stdin-closes") as process:
        said = await announced(process)
        assert list(said["systems"]) == ["household"]
        assert process.returncode is None
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(10):
            assert await ended(process) == (0, b"")


async def test_a_table_for_people_and_sigint() -> None:
    async with mocks("relief", "relief") as process:
        assert process.stdout is not None
        lines = [(await process.stdout.readline()).decode().split() for _ in range(6)]
        assert lines[0] == ["system", "address", "account", "password"]
        assert [line[-2:] for line in lines[1:4]] == [
            [who, "known"] for who in ("gateway", "cadre", "cadre2")
        ]
        assert lines[1][0] == "relief"
        assert lines[1][1].startswith("http://127.0.0.1:")
        assert lines[4][0] == "city"
        assert lines[5] == ["ready"]
        process.send_signal(signal.SIGINT)
        assert await ended(process) == (0, b"")


async def test_a_taken_port_is_one_sentence() -> None:
    async with serving(application(city().truth)) as base_url:
        port = base_url.rpartition(":")[2]
        async with mocks("household", "--port-base", port) as process:
            assert await ended(process) == (
                1,
                f"Port {port} cannot be used: Address already in use.\n".encode(),
            )


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["--port-base", "0"], ["--port-base", "65534"], ["--population", "3"]]
)
async def test_wrong_arguments_end_with_2(arguments: list[str]) -> None:
    async with mocks(*arguments) as process:
        code, complaints = await ended(process)
        assert code == 2
        assert b"Traceback" not in complaints
