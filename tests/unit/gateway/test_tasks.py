import asyncio
import gc

import pytest
import structlog

from gateway.tasks import Tasks


async def test_a_task_is_kept_though_nobody_holds_it() -> None:
    tasks, ended = Tasks(), asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.01)
        ended.set()

    _ = tasks.start(work(), "work")
    del _
    gc.collect()
    await asyncio.wait_for(ended.wait(), 1)
    await tasks.close()


async def test_a_failure_is_logged_by_its_type_and_never_by_its_words() -> None:
    async def fails() -> None:
        raise ValueError("13800006021")

    tasks = Tasks()
    with structlog.testing.capture_logs() as lines:
        task = tasks.start(fails(), "work")
        await asyncio.wait([task])
        await asyncio.sleep(0)
    assert [(line["event"], line["task"], line["error"]) for line in lines] == [
        ("task.failed", "work", "ValueError")
    ]
    assert "13800006021" not in str(lines)
    with pytest.raises(ValueError, match="13800006021"):
        await task


async def test_closing_ends_all_and_waits_for_it() -> None:
    tasks, cleaned = Tasks(), 0

    async def work() -> None:
        nonlocal cleaned
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            cleaned += 1

    started = [tasks.start(work(), "work") for _ in range(10)]
    await asyncio.sleep(0)
    with structlog.testing.capture_logs() as lines:
        await tasks.close()
    assert cleaned == 10
    assert all(task.cancelled() for task in started)
    assert lines == [], "to be ended is no failure"
    await tasks.close()


async def test_closing_ends_also_what_an_ending_task_started() -> None:
    tasks = Tasks()
    second: list[asyncio.Task[None]] = []

    async def last() -> None:
        await asyncio.sleep(60)

    async def first() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            second.append(tasks.start(last(), "last"))

    _ = tasks.start(first(), "first")
    await asyncio.sleep(0)
    await tasks.close()
    assert second[0].cancelled()
