"""The map: codes, names, doors, addresses."""

from __future__ import annotations

from collections import Counter

import pytest

from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2
from mocks.city.places import Estate, Places, door_key


@pytest.fixture(scope="module")
def places() -> Places:
    return Places(20_000)


def test_codes_nest(places: Places) -> None:
    assert len(places.districts) == 16
    assert Counter(code[:6] for code in places.streets).keys() == places.districts.keys()
    assert all(
        len(code) == 12 and code.isdigit() and code[:9] in places.streets for code in places.committees
    )


def test_every_district_has_two_streets_and_every_street_two_committees(places: Places) -> None:
    assert min(Counter(code[:6] for code in places.streets).values()) >= 2
    assert min(Counter(code[:9] for code in places.committees).values()) >= 2
    assert min(committee.size for committee in places.committees.values()) > 100


def test_committee_names_are_unique_in_their_street(places: Places) -> None:
    for at in (places, Places(3_000_000)):
        names = Counter((code[:9], committee.name) for code, committee in at.committees.items())
        assert set(names.values()) == {1}


def test_demo_committees(places: Places) -> None:
    assert places.committees[DEMO_COMMITTEE].name == "玉田一居委"
    assert places.streets[DEMO_COMMITTEE[:9]].name == "曲阳路街道"
    assert "曲阳街道" in places.streets[DEMO_COMMITTEE[:9]].aliases
    assert places.streets[DEMO_COMMITTEE_2[:9]].name == "殷行街道"


def test_growth_adds_committees_of_the_usual_size_and_renames_none(places: Places) -> None:
    large = Places(1_000_000)
    assert {code: c.name for code, c in places.committees.items()}.items() <= {
        code: c.name for code, c in large.committees.items()
    }.items()
    assert 250 < len(large.committees) < 450
    assert large.committees[DEMO_COMMITTEE].size == 3_000


def test_committees_in_a_prefix(places: Places) -> None:
    street = [committee.code for committee in places.committees_in("310109010")]
    assert DEMO_COMMITTEE in street
    assert all(code.startswith("310109010") for code in street)
    assert len(list(places.committees_in("31"))) == len(places.committees)


def test_doors_are_unique_and_spoken() -> None:
    estate = Estate(DEMO_COMMITTEE)
    doors = [estate.door(index) for index in range(2_000)]
    assert len(set(doors)) == 2_000
    assert all(building >= 1 and floor >= 1 and room >= 1 for building, floor, room in map(door_key, doors))
    homes = {estate.home(index) for index in range(900)}
    assert homes.isdisjoint(estate.vacancy(index) for index in range(100))


def test_door_order_is_building_floor_room() -> None:
    doors = ["10-101", "2-1802", "2-502", "2-501", ""]
    assert sorted(doors, key=door_key) == ["", "2-501", "2-502", "2-1802", "10-101"]


def test_addresses(places: Places) -> None:
    address = places.address(DEMO_COMMITTEE, "3-502")
    assert address.startswith("上海市虹口区")
    assert address.endswith("弄3号502室")
    assert places.address("320600000000", "东桥村3组") == "江苏省南通市东桥村3组"
    assert places.address("", "") == ""
    with pytest.raises(KeyError):
        places.address("310109010999", "1-101")
