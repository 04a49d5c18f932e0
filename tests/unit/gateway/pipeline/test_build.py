"""One lookup through all steps."""

from pathlib import Path

from connectors.sdk import FindPerson
from gateway.model import SourceState
from tests.unit.gateway.pipeline.cards import card, citizen
from tests.unit.gateway.pipeline.hamlet import SYSTEMS, hamlet


async def test_a_lookup_joins_what_three_systems_know(tmp_path: Path) -> None:
    async with hamlet(
        tmp_path,
        [card(1, name="陈桂芳", phone="13800006021")],
        [card(1, care_level="二级", phone="13800006021")],
        [card(1, relief_benefits="低保")],
    ) as town:
        outcome = await town.ask(FindPerson(citizen(1)))
    (person,) = outcome.people
    assert list(outcome.sources) == list(SYSTEMS)
    assert {status.status for status in outcome.sources.values()} == {SourceState.OK}
    assert person.fields["care_level"][0].source == "elderly"
    assert person.fields["name"][0].value == "陈桂芳"
    assert [value.value for value in person.fields["relief_benefits"]] == ["***"]
