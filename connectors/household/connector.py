"""Ask the household system: forms in, JSON in GB18030 out, behind a login form."""

from collections.abc import Mapping

import httpx
from pydantic import Field

from connectors import sdk
from connectors.household.records import HouseholdPerson
from connectors.household.wire import CHARSET, MAINTENANCE, MAX_ROWS, SYSTEM, read
from connectors.sdk import FindHousehold, FindPerson, ListCommittee, Search, ask, ask_all
from connectors.sdk.auth.form_login import FormLogin
from connectors.sdk.paging import Page, list_pages, unique


class HouseholdSettings(sdk.ConnectorSettings):
    """Say how the installation at hand is asked."""

    page_size: int = Field(default=MAX_ROWS, ge=1, le=MAX_ROWS)
    """Rows of a page of a committee's list; the system gives 100 at most."""


class HouseholdConnector(sdk.Connector[HouseholdSettings]):
    """Find people and households, search by name, and list all who are registered or live in a committee."""

    manifest = sdk.Manifest(
        name=SYSTEM,
        title="人口信息",
        seal="户",
        api=sdk.API_VERSION,
        timeout_s=3.0,
        ttl_s={FindPerson: 300.0, FindHousehold: 300.0, Search: 300.0, ListCommittee: 43_200.0},
    )
    operations = dict.fromkeys((FindPerson, FindHousehold, Search, ListCommittee), HouseholdPerson)
    settings_type = HouseholdSettings
    auth = FormLogin(
        page="/login.jsp",
        action="/login.do",
        landing="/main.do",
        sign_out_page="/logout.do",
        username_field="user",
        password_field="password",  # noqa: S106  # a field's name
        captcha_field="yzm",
        maintenance_marker=MAINTENANCE,
        stale_marker="页面已过期",
        charset=CHARSET,
    )

    def exchange(self, query: sdk.Query) -> sdk.Exchange:
        """Answer one query; a search gives at most 100 people for each region."""
        match query:
            case FindPerson(identity):
                return (yield from self._person(identity))
            case FindHousehold(number):
                return (yield from self._find("/ry/hh.do", {"HH": number}, household=number))
            case Search():
                return (yield from self._search(query))
            case ListCommittee(committee):
                return (yield from self._committee(committee))
        raise NotImplementedError(type(query).__name__)

    def _form(self, path: str, fields: Mapping[str, str]) -> httpx.Request:
        return self.post_form(path, fields, CHARSET)

    def _person(self, identity: sdk.Identity) -> sdk.Exchange:
        if identity.kind is not sdk.IdentityKind.LOCAL:
            return (yield from self._find("/ry/query.do", {"ZJHM": identity.number}, identity=identity))
        system, _, number = identity.number.partition(":")
        if system != SYSTEM:
            return []
        return (yield from self._find("/ry/query.do", {"RYBH": number}, local_id=number))

    def _find(self, path: str, fields: Mapping[str, str], **expected: object) -> sdk.Exchange:
        answer = yield from ask(self._form(path, fields))
        people: list[sdk.Record] = [row.record() for row in read(answer).rows]
        if any(getattr(person, name) != value for person in people for name, value in expected.items()):
            raise sdk.BadUpstreamData("somebody else than was asked for")
        return people

    def _search(self, query: Search) -> sdk.Exchange:
        if not query.name.strip() or query.limit < 1:
            return []
        fields = {"XM": query.name.strip(), "rows": str(min(query.limit, MAX_ROWS))}
        asked = [self._form("/ry/search.do", {**fields, "QHDM": region}) for region in query.regions]
        answers = yield from ask_all(asked)
        return unique(row.record() for answer in answers for row in read(answer).rows)[: query.limit]

    def _committee(self, committee: str) -> sdk.Exchange:
        size = self.settings.page_size

        def page(number: int) -> httpx.Request:
            return self._form("/ry/list.do", {"JWHDM": committee, "page": str(number), "rows": str(size)})

        def rows(response: httpx.Response) -> Page:
            found = read(response)
            return Page([row.record() for row in found.rows], found.total)

        return (yield from list_pages(page, rows, size))
