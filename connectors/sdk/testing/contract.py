"""The contract of connectors as a class of tests to inherit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.sdk.auth.scheme import Credential
from connectors.sdk.connector import Connector
from connectors.sdk.mock.upstream import MockUpstream
from connectors.sdk.testing.checks import bodies, manners, people, sessions
from connectors.sdk.testing.line import EXEMPTIONS, Trial
from connectors.sdk.testing.samples import Samples
from connectors.sdk.testing.verdict import Broken


class ConnectorContract:
    """Inherit as ``class TestAcme(ConnectorContract)``, with a connector, its samples and ``make_mock``.

    Every test runs against a mock in this process; with ``pytest --connector-base-url`` against a system over
    HTTP. Tests of operations that the connector lacks are skipped. Nothing is patched.
    """

    connector: ClassVar[type[Connector[Any]]]
    settings: ClassVar[Mapping[str, object]] = {}
    """The connector's own settings, as in ``systems.yaml``."""
    base_url: ClassVar[str] = "http://line.example:8080"
    credential: ClassVar[Credential] = Credential("contract", "a-made-up-password")
    """An account that the mock has."""
    samples: ClassVar[Samples]
    exempt: ClassVar[Mapping[str, str]] = {}
    """Name of a test -> why this connector need not pass it; shown with the skipped test."""

    def make_mock(self) -> MockUpstream:
        """Return a new mock that knows ``credential`` and ``samples``."""
        raise NotImplementedError

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all tests, in order, the contract's own first."""
        known = (*vars(ConnectorContract), *dir(cls))
        return tuple(dict.fromkeys(name for name in known if name.startswith("test_")))

    def test_every_exemption_names_a_test(self, trial: Trial) -> None:
        """An exemption names a test and a reason."""
        others = set(self.names()) - {EXEMPTIONS}
        for name, reason in trial.exempt.items():
            if name not in others:
                raise Broken(f"There is no test {name} to be exempt from.")
            if not reason.strip():
                raise Broken(f"The exemption from {name} needs a reason.")

    def test_every_field_is_classified(self, trial: Trial) -> None:
        """Every record field says how sensitive it is, and rightly."""
        trial.run(people.every_field_is_classified)

    def test_every_operation_answers(self, trial: Trial) -> None:
        """Every declared operation answers, with the records that it declares."""
        trial.run(people.every_operation_answers)

    def test_known_person(self, trial: Trial) -> None:
        """A person is found by number."""
        trial.run(people.known_person)

    def test_unknown_person(self, trial: Trial) -> None:
        """An unknown person is nobody, not an error."""
        trial.run(people.unknown_person)

    def test_duplicate_person(self, trial: Trial) -> None:
        """A person whom the system lists twice is two records of one identity."""
        trial.run(people.duplicate_person)

    def test_cache_round_trip(self, trial: Trial) -> None:
        """A stored record is read back as it was."""
        trial.run(people.cache_round_trip)

    def test_wrong_credentials(self, trial: Trial) -> None:
        """A wrong password is tried once, never twice."""
        trial.run(sessions.wrong_credentials)

    def test_expiry_mid_exchange(self, trial: Trial) -> None:
        """A session that ends in mid-exchange costs one sign-in and changes no answer."""
        trial.run(sessions.expiry_mid_exchange)

    def test_concurrent_expiry(self, trial: Trial) -> None:
        """A session that ends for many callers at once costs one sign-in."""
        trial.run(sessions.concurrent_expiry)

    def test_stored_session(self, trial: Trial) -> None:
        """A stored session is read back as it was."""
        trial.run(sessions.stored_session)

    def test_login_page_with_200(self, trial: Trial) -> None:
        """A login page with status 200 is no answer."""
        trial.run(sessions.login_page_with_200)

    def test_clock_skew(self, trial: Trial) -> None:
        """A system whose clock is off is no rejected password."""
        trial.run(sessions.clock_skew)

    def test_slow_drip(self, trial: Trial) -> None:
        """A dripping answer ends when its time is over."""
        trial.run(bodies.slow_drip)

    def test_oversized_body(self, trial: Trial) -> None:
        """An oversized answer is an error."""
        trial.run(bodies.oversized_body)

    def test_truncated_body(self, trial: Trial) -> None:
        """An answer cut in half is an error."""
        trial.run(bodies.truncated_body)

    def test_garbage(self, trial: Trial) -> None:
        """Random bytes are an error."""
        trial.run(bodies.garbage)

    def test_wrong_charset(self, trial: Trial) -> None:
        """Text in another charset than declared is found out."""
        trial.run(bodies.wrong_charset)

    def test_mojibake(self, trial: Trial) -> None:
        """A broken character is not guessed."""
        trial.run(bodies.mojibake)

    def test_four_byte_names(self, trial: Trial) -> None:
        """Rare characters and long names come whole."""
        trial.run(bodies.four_byte_names)

    def test_redirect_elsewhere(self, trial: Trial) -> None:
        """A redirect to another host is an error, and is not followed."""
        trial.run(manners.redirect_elsewhere)

    def test_too_many_requests(self, trial: Trial) -> None:
        """A refusal for too many calls says so, with the time to wait if the system tells it."""
        trial.run(manners.too_many_requests)

    def test_business_error_in_200(self, trial: Trial) -> None:
        """The system's own error with status 200 is an error."""
        trial.run(manners.business_error_in_200)

    def test_no_citizen_id_in_exceptions(self, trial: Trial) -> None:
        """No exception tells anything of a person."""
        trial.run(manners.no_citizen_id_in_exceptions)

    def test_only_base_url(self, trial: Trial) -> None:
        """All requests go to the base URL."""
        trial.run(manners.only_base_url)
