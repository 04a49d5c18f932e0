from pathlib import Path

from connectors.declarative import load_description
from connectors.sdk import Identity, IdentityKind
from connectors.sdk.mock import MockUpstream
from connectors.sdk.testing import ConnectorContract, Samples
from tests.contract.acme import COMMITTEE, PEOPLE, build


class TestDeclarative(ConnectorContract):
    connector = load_description(Path(__file__).with_name("acme.yaml"))
    samples = Samples(
        known=Identity(IdentityKind.CITIZEN, str(PEOPLE[0]["idNumber"])),
        name="建国",
        region="31",
        committee=COMMITTEE,
    )

    def make_mock(self) -> MockUpstream:
        return build({self.credential.username: self.credential.secret})
