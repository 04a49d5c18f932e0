"""Ask the household system: forms in, JSON in GB18030 out, behind a login form."""

from collections.abc import Mapping

import httpx
from pydantic import Field

from connectors import sdk
from connectors.household.records import HouseholdPerson
from connectors.household.wire import CHARSET, MAINTENANCE, MAX_ROWS, SYSTEM, read
from connectors.sdk import FindHousehold, FindPerson, ListCommittee, Search, ask, ask_all
from connectors.sdk.auth.form_login import FormLogin

_MAX_PAGES = 200


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
        charset=CHARSET,
    )

    def exchange(self, query: sdk.Query) -> sdk.Exchange:
        """Answer one query."""
        match query:
            case FindPerson(identity):
                return (yield from self._person(identity))
            case FindHousehold(number):
                answer = yield from ask(self._form("/ry/hh.do", {"HH": number}))
                return [row.record() for row in read(answer).rows if number == row.HH]
            case Search():
                return (yield from self._search(query))
            case ListCommittee(committee):
                return (yield from self._committee(committee))
        raise sdk.BadUpstreamData("not a question for this system")

    def _form(self, path: str, fields: Mapping[str, str]) -> httpx.Request:
        return self.post_form(path, fields, CHARSET)

    def _person(self, identity: sdk.Identity) -> sdk.Exchange:
        field, number = "ZJHM", identity.number
        if identity.kind is sdk.IdentityKind.LOCAL:
            system, _, number = identity.number.partition(":")
            if system != SYSTEM:
                return []
            field = "RYBH"
        found = [
            row.record() for row in read((yield from ask(self._form("/ry/query.do", {field: number})))).rows
        ]
        if any(number not in {person.local_id, person.identity.number} for person in found):
            raise sdk.BadUpstreamData("another person than the one asked for")
        return list(found)

    def _search(self, query: Search) -> sdk.Exchange:
        if not query.name.strip() or query.limit < 1:
            return []
        fields = {"XM": query.name.strip(), "rows": str(min(query.limit, MAX_ROWS))}
        asked = [self._form("/ry/search.do", {**fields, "QHDM": region}) for region in query.regions]
        found = {row.RYBH: row for answer in (yield from ask_all(asked)) for row in read(answer).rows}
        return [row.record() for row in list(found.values())[: query.limit]]

    def _committee(self, committee: str) -> sdk.Exchange:
        def page(number: int) -> httpx.Request:
            fields = {"JWHDM": committee, "page": str(number), "rows": str(self.settings.page_size)}
            return self._form("/ry/list.do", fields)

        first = read((yield from ask(page(1))))
        pages = -(-first.total // self.settings.page_size)
        if pages > _MAX_PAGES:
            raise sdk.BadUpstreamData("too many pages")
        rest = [read(answer) for answer in (yield from ask_all([page(n) for n in range(2, pages + 1)]))]
        people = {row.RYBH: row.record() for answer in [first, *rest] for row in answer.rows}
        # A page cut short would drop people from lists without a word; one who moved meanwhile is no fault.
        if len(people) < min(answer.total for answer in [first, *rest]):
            raise sdk.BadUpstreamData("the pages do not add up")
        return list(people.values())
