"""What is drawn once: one for all who see the same, nobody's own; drawn anew when anything differs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp.test_utils import make_mocked_request

from gateway.identity.sessions import Session
from gateway.keys import Services
from gateway.model import Outcome, SourceState
from gateway.portal.assets import Assets
from gateway.portal.clerk import Desk
from gateway.portal.drawn import file_of, row_of
from gateway.portal.page import Face, Visit
from gateway.portal.render import Drawing, Renderer
from gateway.portal.shell import Shells
from policies.documents import Grant, Purpose
from policies.engine import Engine
from policies.model import GATEWAY, Action
from tests.unit.gateway.pipeline.cards import card, citizen
from tests.unit.gateway.portal.village import PASSWORD, PURPOSES, ROLES, Village, village

EVIL = '<script>alert("x")</script><img src=x onerror=y>\'"&{{ 7 * 7 }}'
FANG = card(1, name="陈桂芳", phone="13800006021", door="3-502", household="H1")
_OWN = re.compile(r'name="csrf_token" value="([^"]+)"')


def face_of(services: Services, renderer: Renderer) -> Face:
    return Face(renderer, Shells(services), Desk(services, renderer.sealed))


@dataclass(frozen=True, slots=True)
class Drawer:
    """Draws in one reader's name, without HTTP between."""

    face: Face
    session: Session

    @classmethod
    async def of(cls, town: Village, username: str = "lu") -> "Drawer":
        _, session = await town.services.sign_in.sign_in(username, PASSWORD)
        return cls(face_of(town.services, Renderer(Assets())), session)

    def under(self, services: Services) -> "Drawer":
        """Return the same reader where other services serve."""
        return replace(self, face=face_of(services, self.face.renderer))

    def visit(self, services: Services) -> Visit:
        return Visit(make_mocked_request("GET", "/"), services, "r", self.session, self.face)

    async def read(self, services: Services) -> Outcome:
        return await self.visit(services).reader.person(services.tokens.of_person(citizen(1)))

    def draw(self, services: Services, read: Outcome) -> Drawing:
        return file_of(self.visit(services), read.people[0], read.sources)


def with_purposes(services: Services, purposes: Mapping[str, Purpose], version: str = "v2") -> Services:
    """Return the services under another policy: the village's roles, these purposes."""
    other = Engine(ROLES, purposes, services.policy().catalogue, version)
    return replace(services, policy=lambda: other)


async def test_a_file_is_drawn_once_and_again_when_anything_differs(tmp_path: Path) -> None:
    async with village(tmp_path, [FANG], [card(1, care_level="二级")], [card(1)]) as town:
        services = town.services
        lu = await Drawer.of(town)
        read, again = await lu.read(services), await lu.read(services)
        first = lu.draw(services, read)
        assert lu.draw(services, again) is first

        stale = replace(read.sources["elderly"], status=SourceState.STALE)
        older = replace(read, sources={**read.sources, "elderly": stale})
        assert "停在" in b"".join(lu.draw(services, older)).decode()

        visit = PURPOSES["visit"].model_copy(update={"title": "登门"})
        renamed = with_purposes(services, {**PURPOSES, "visit": visit})
        assert "登门" in b"".join(lu.under(renamed).draw(renamed, read)).decode()
        assert "登门" not in b"".join(first).decode()

        # The same policy, but this reader may not open what the other may.
        shut = {code: one.model_copy(update={"opens": {}}) for code, one in PURPOSES.items()}
        closed = with_purposes(services, shut, "v1")
        assert "<summary>" not in b"".join(lu.under(closed).draw(closed, read)).decode()
        assert "<summary>" in b"".join(first).decode()

        town.hamlet.clock.move(days=1)
        assert "今天" in b"".join(first).decode()
        assert "今天" not in b"".join(lu.draw(services, read)).decode()


async def test_what_one_may_do_beside_is_no_way_for_another(tmp_path: Path) -> None:
    cadre = ROLES["cadre"]
    trail = Grant(system=GATEWAY, actions=(Action.READ_AUDIT,))
    head = cadre.model_copy(update={"grants": (*cadre.grants, trail)})
    async with village(tmp_path, [FANG], roles={**ROLES, "cadre": head}) as town:
        lu = await Drawer.of(town)
        read = await lu.read(town.services)
        with_trail = b"".join(lu.draw(town.services, read)).decode()
        # The same view, as two readers have who differ in what they may do beside reading it.
        plain = with_purposes(town.services, PURPOSES, "v1")
        without = b"".join(lu.under(plain).draw(plain, read)).decode()
    assert "/audit?resident=" in with_trail
    assert "/audit?resident=" not in without


async def test_readers_of_one_drawing_have_their_own_tokens_and_names(tmp_path: Path) -> None:
    async with village(tmp_path, [FANG]) as town:
        lu, luo = await town.browser("lu"), await town.browser("luo")
        pages = {
            one.token: [(await one.get(path)).text for path in (town.person(1), town.person(1))]
            for one in (lu, luo, lu)
        }
    assert lu.token != luo.token
    for token, (first, again) in pages.items():
        assert first == again
        assert set(_OWN.findall(first)) == {token}
    for own, other in ((lu, "luo某"), (luo, "lu某")):
        assert f"<span>{other}</span>" not in pages[own.token][0]


async def test_no_gap_is_left_in_a_page(tmp_path: Path) -> None:
    """What stands in a gap is 32 hexadecimal digits, which nothing else on these pages is."""
    async with village(tmp_path, [FANG, card(2, name="陈桂芬")]) as town:
        browser = await town.browser()
        searched = (await browser.post("/find", query="陈桂")).headers["Location"]
        for path in (town.person(1), f"{town.person(1)}?a=b", searched, "/"):
            page = await browser.get(path)
            assert page.status_code == 200
            assert not re.search(r"\b[0-9a-f]{32}\b", page.text.replace(browser.token, ""))


async def test_hostile_text_is_text_however_often_it_is_shown(tmp_path: Path) -> None:
    evil = {"name": f"陈{EVIL}", "gender": EVIL, "door": EVIL, "tags": (EVIL,)}
    people = [card(1, household="H1", **evil), card(2, name=f"陈{EVIL}", household="H1")]
    async with village(tmp_path, people, [card(1, care_level=EVIL)]) as town:
        for browser in (await town.browser("lu"), await town.browser("luo")):
            searched = (await browser.post("/find", query="陈")).headers["Location"]
            file = await browser.get(town.person(1))
            home = re.search(r'href="(/h/[^"]+)"', file.text)
            assert home is not None
            none = (await browser.post("/find", query=f"鑫{EVIL}"[:64])).headers["Location"]
            for path in (town.person(1), searched, home[1], none):
                page = await browser.get(path)
                assert page.status_code == 200
                assert "&lt;script&gt;" in page.text
                assert not re.search(r"<script(?! src=)|<img src=x|\b49\b", page.text)
                assert '"\'"&' not in page.text


async def test_a_line_of_a_list_is_drawn_once_for_each_place_it_stands_in(tmp_path: Path) -> None:
    async with village(tmp_path, [FANG]) as town:
        lu = await Drawer.of(town)
        visit = lu.visit(town.services)
        (person,) = (await visit.reader.search("陈桂芳", 5)).people
        plain, member = row_of(visit, person), row_of(visit, person, "户主")
        assert row_of(visit, person) is plain
    assert "3号楼 502室" in plain
    assert "户主" in member
    assert "户主" not in plain
