import pytest

from connectors.sdk import BadUpstreamData, Identity, IdentityKind, Record
from connectors.sdk.paging import MAX_PAGES, further_pages, unique, whole_list


def people(*numbers: str) -> list[Record]:
    return [Record(identity=Identity(IdentityKind.LOCAL, f"x:{n}"), local_id=n) for n in numbers]


@pytest.mark.parametrize(
    ("total", "pages"), [(0, []), (1, []), (50, []), (51, [2]), (100, [2]), (101, [2, 3]), (150, [2, 3])]
)
def test_pages_after_the_first(total: int, pages: list[int]) -> None:
    assert list(further_pages(total, 50)) == pages


@pytest.mark.parametrize("total", [-1, 50 * MAX_PAGES + 1, 10**18])
def test_impossible_totals_are_refused(total: int) -> None:
    with pytest.raises(BadUpstreamData):
        further_pages(total, 50)


def test_the_longest_list_allowed() -> None:
    assert len(further_pages(50 * MAX_PAGES, 50)) == MAX_PAGES - 1


def test_everybody_once_in_order() -> None:
    assert [person.local_id for person in unique(people("b", "a", "b"))] == ["b", "a"]
    assert len(whole_list(people("b", "a"), 2)) == 2


@pytest.mark.parametrize("total", [1, 3])
def test_a_list_that_lacks_or_adds_people_is_refused(total: int) -> None:
    with pytest.raises(BadUpstreamData):
        whole_list(people("b", "a", "b"), total)
