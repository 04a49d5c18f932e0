import pytest

from gateway.upstream.breaker import MAX_HOLD_S, Admission, Breaker, BreakerState
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


def test_a_systems_wish_to_be_left_alone_is_kept_and_runs_out(breaker: Breaker, clock: StillClock) -> None:
    assert breaker.held_s == 0
    breaker.hold(10)
    breaker.hold(4)
    assert breaker.held_s == pytest.approx(10), "the longest counts"
    assert breaker.admit() is Admission.CALL
    clock.move(seconds=10)
    assert breaker.held_s == 0


@pytest.mark.parametrize("seconds", [86_400.0, float("inf")])
def test_no_wish_shuts_a_system_out_for_long(breaker: Breaker, seconds: float) -> None:
    breaker.hold(seconds)
    assert breaker.held_s == pytest.approx(MAX_HOLD_S)
