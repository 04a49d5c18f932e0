"""The contract as a report on a system over HTTP, with a mock's switches and without."""

import dataclasses
import json

import httpx

from connectors.sdk import Credential
from connectors.sdk.testing import Outcome, Report, Samples, run_contract
from tests.contract.conftest import Serve, without_switches
from tests.contract.wrong.people import OwnNumberAsIdentity
from tests.contract.wrong.right import ListsOnly, Right, RightContract

WITHOUT_SWITCHES = {
    "test_every_exemption_names_a_test",
    "test_every_field_is_classified",
    "test_every_operation_answers",
    "test_known_person",
    "test_unknown_person",
    "test_cache_round_trip",
    "test_wrong_credentials",
    "test_stored_session",
    "test_only_base_url",
}


def report(
    base_url: str, connector: type[Right] = Right, samples: Samples | None = None, **exempt: str
) -> Report:
    return run_contract(
        connector,
        base_url,
        credential=RightContract.credential,
        samples=samples or RightContract.samples,
        exempt=exempt,
    )


def those(done: Report, outcome: Outcome) -> dict[str, str]:
    return {result.name: result.reason for result in done.results if result.outcome is outcome}


def test_every_test_is_made_where_there_are_switches_and_the_system_is_left_well(line_system: str) -> None:
    done = report(line_system)
    assert those(done, Outcome.PASSED).keys() == set(RightContract.names()), those(done, Outcome.FAILED)
    assert done.ok
    assert (done.connector, done.base_url) == ("right", line_system)
    assert all(result.title.endswith(".") and "\n" not in result.title for result in done.results)
    faults = httpx.get(f"{line_system}/_mock/faults").json()
    assert not any(faults.values()), faults


def test_what_needs_switches_is_not_possible_on_a_system_without_them(serve: Serve) -> None:
    done = report(serve(without_switches(RightContract().make_mock())))
    assert those(done, Outcome.PASSED).keys() == WITHOUT_SWITCHES, those(done, Outcome.FAILED)
    assert set(those(done, Outcome.NOT_POSSIBLE).values()) == {
        "not possible here: the system has no fault switches",
        "not possible here: the system does not count sign-ins",
    }
    assert done.ok


def test_no_wrong_password_is_tried_for_an_account_of_a_live_system(serve: Serve) -> None:
    seen: list[httpx.Request] = []
    mock = RightContract().make_mock()
    report(serve(without_switches(mock, seen)))
    logins = [json.loads(request.content) for request in seen if request.url.path == "/login"]
    account = RightContract.credential
    assert {secret for name, secret in logins if name == account.username} == {account.secret}
    assert mock.stats.failed_logins == 1


def test_what_fails_is_said_in_a_plain_sentence(serve: Serve) -> None:
    done = report(serve(without_switches(RightContract().make_mock())), OwnNumberAsIdentity)
    assert not done.ok
    assert those(done, Outcome.FAILED) == {
        "test_known_person": "A person found by a number must bear that number as identity."
    }


def test_an_exemption_is_reported_with_its_reason(serve: Serve) -> None:
    system = serve(without_switches(RightContract().make_mock()))
    done = report(system, OwnNumberAsIdentity, test_known_person="it has its own numbers")
    assert those(done, Outcome.EXEMPT) == {"test_known_person": "it has its own numbers"}
    assert done.ok


def test_samples_for_a_part_of_the_operations_make_a_part_of_the_tests(serve: Serve) -> None:
    samples = dataclasses.replace(RightContract.samples, known=None)
    done = report(serve(without_switches(RightContract().make_mock())), samples=samples)
    assert done.ok
    needs = "not possible here: The samples lack what FindPerson needs."
    assert those(done, Outcome.NOT_POSSIBLE)["test_known_person"] == needs


def test_a_system_that_is_not_there_fails_each_test_that_asks_it() -> None:
    done = run_contract(
        ListsOnly,
        "http://127.0.0.1:9",
        credential=Credential("contract", "a-made-up-password"),
        samples=RightContract.samples,
    )
    assert not done.ok
    assert those(done, Outcome.PASSED).keys() == {"test_every_exemption_names_a_test"}
