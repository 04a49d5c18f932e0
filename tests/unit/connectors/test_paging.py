import httpx
import pytest

from connectors.sdk import BadUpstreamData, Identity, IdentityKind, Record
from connectors.sdk.paging import MAX_PAGES, Page, further_pages, list_pages, unique, whole_list


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


def request(number: int) -> httpx.Request:
    return httpx.Request("POST", "/list", content=str(number).encode())


def read(response: httpx.Response) -> Page:
    """Read an answer such as ``3:ab``: 3 in all, two of them on this page."""
    total, _, names = response.text.partition(":")
    return Page(people(*names), int(total))


def play(*pages: str) -> tuple[list[str], list[list[int]]]:
    """Answer with these pages; return who was listed, and which pages were asked for together."""
    asked: list[list[int]] = []
    steps = list_pages(request, read, 1)
    wanted = next(steps)
    while True:
        one = isinstance(wanted, httpx.Request)
        requests = [wanted] if isinstance(wanted, httpx.Request) else wanted
        asked.append([int(each.content) for each in requests])
        answers = [httpx.Response(200, text=pages[number - 1]) for number in asked[-1]]
        try:
            wanted = steps.send(answers[0] if one else answers)
        except StopIteration as stop:
            return [person.local_id for person in stop.value], asked


def test_a_list_is_read_a_few_pages_at_a_time() -> None:
    names, asked = play("10:a", *(f"10:{name}" for name in "bcdefghij"))
    assert names == list("abcdefghij")
    assert asked == [[1], [2, 3, 4, 5], [6, 7, 8, 9], [10]]


def test_a_list_of_one_page_asks_for_no_more() -> None:
    assert play("1:a") == (["a"], [[1]])
    assert play("0:") == ([], [[1]])


def test_a_list_that_changes_under_way_is_refused() -> None:
    with pytest.raises(BadUpstreamData):
        play("3:a", "3:b", "3:b")
    with pytest.raises(BadUpstreamData):
        play("99999:a")
