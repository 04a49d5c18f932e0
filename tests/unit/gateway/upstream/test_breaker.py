import pytest

from gateway.upstream.breaker import Admission, Breaker, BreakerState
from tests.unit.gateway.clock import StillClock

FAILURES, OPEN_S = 2, 5.0


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def breaker(clock: StillClock) -> Breaker:
    return Breaker(FAILURES, OPEN_S, clock)


def opened(breaker: Breaker) -> Breaker:
    for _ in range(FAILURES):
        assert breaker.admit() is Admission.CALL
        breaker.failed(Admission.CALL)
    assert breaker.state is BreakerState.OPEN
    return breaker


def test_it_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    for outcome in (breaker.failed, lambda _: breaker.succeeded(), breaker.failed):
        outcome(Admission.CALL)
        assert breaker.state is BreakerState.CLOSED
    breaker.failed(Admission.CALL)
    assert breaker.state is BreakerState.OPEN
    assert breaker.admit() is None


def test_after_a_while_it_lets_one_probe_through(breaker: Breaker, clock: StillClock) -> None:
    opened(breaker)
    clock.move(seconds=OPEN_S - 0.001)
    assert breaker.admit() is None
    clock.move(seconds=0.001)
    assert breaker.state is BreakerState.HALF_OPEN
    assert [breaker.admit() for _ in range(3)] == [Admission.PROBE, None, None]


def test_the_probe_decides(breaker: Breaker, clock: StillClock) -> None:
    opened(breaker)
    clock.move(seconds=OPEN_S)
    probe = breaker.admit()
    assert probe is not None
    breaker.failed(probe)
    assert breaker.admit() is None
    clock.move(seconds=OPEN_S)
    assert breaker.admit() is Admission.PROBE
    breaker.succeeded()
    assert breaker.admit() is Admission.CALL
    breaker.failed(Admission.CALL)
    assert breaker.admit() is Admission.CALL, "it counts from nought again"


def test_an_abandoned_probe_makes_room_for_another(breaker: Breaker, clock: StillClock) -> None:
    opened(breaker)
    clock.move(seconds=OPEN_S)
    breaker.admit()
    breaker.abandoned(Admission.CALL)
    assert breaker.admit() is None, "that was a straggler"
    breaker.abandoned(Admission.PROBE)
    assert breaker.admit() is Admission.PROBE


@pytest.mark.parametrize(("after_s", "probing"), [(1.0, False), (OPEN_S, False), (OPEN_S, True)])
def test_a_stragglers_failure_is_no_news(
    breaker: Breaker, clock: StillClock, after_s: float, probing: bool
) -> None:
    opened(breaker)
    clock.move(seconds=after_s)
    probe = breaker.admit() if probing else None
    breaker.failed(Admission.CALL)
    clock.move(seconds=OPEN_S - after_s)
    assert breaker.admit() is (None if probe else Admission.PROBE)


def test_a_stragglers_answer_is_an_answer(breaker: Breaker) -> None:
    opened(breaker).succeeded()
    assert breaker.state is BreakerState.CLOSED
