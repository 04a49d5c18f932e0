"""Errors as problems, and records as JSON."""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from aiohttp import web

from connectors.sdk import Kind
from gateway import errors
from gateway.cli.child import MocksFailed
from gateway.model import CacheState, FieldValue, Person, SourceState, SourceStatus
from gateway.residents.tokens import Tokens
from gateway.web import respond
from gateway.web.schema import Problem, Record
from gateway.web.words import FIELD_FAULTS, OTHER_FAULT, PROBLEMS, Language
from policies.model import Reason, ResourceFacts
from policies.reasons import SENTENCES
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import citizen

CASES: dict[type[errors.GatewayError], tuple[errors.GatewayError, int, str]] = {
    errors.AccountLocked: (errors.AccountLocked(90), 423, "account_locked"),
    errors.Busy: (errors.Busy(), 503, "busy"),
    errors.CrossSite: (errors.CrossSite(), 403, "cross_site"),
    errors.Denied: (errors.Denied("cadre:forbid:1", Reason.FORBIDDEN), 403, "denied"),
    errors.InvalidInput: (
        errors.InvalidInput(("purpose", "purpose"), ("x", "surprise")),
        422,
        "invalid_input",
    ),
    errors.MalformedInput: (errors.MalformedInput(), 400, "malformed"),
    errors.NoSuchThing: (errors.NoSuchThing(), 404, "not_found"),
    errors.NotFoundInScope: (errors.NotFoundInScope(), 404, "not_found_in_scope"),
    errors.NotSignedIn: (errors.NotSignedIn(), 401, "not_signed_in"),
    errors.NotVerified: (errors.NotVerified(), 401, "not_verified"),
    errors.QuotaUsedUp: (errors.QuotaUsedUp("cadre:quota:residents_per_day", Reason.QUOTA, 60), 429, "quota"),
    errors.SourceUnavailable: (errors.SourceUnavailable(), 503, "source_unavailable"),
    errors.StoreUnavailable: (errors.StoreUnavailable("13800006021"), 503, "store_unavailable"),
    errors.WrongPassword: (errors.WrongPassword(), 401, "wrong_password"),
}


def kinds() -> Iterator[type[errors.GatewayError]]:
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.GatewayError) and kind is not errors.GatewayError:
            yield kind


def body_of(response: web.Response) -> dict[str, Any]:
    assert isinstance(response.body, bytes)
    assert response.content_type == "application/problem+json"
    Problem.model_validate_json(response.body)
    found: dict[str, Any] = json.loads(response.body)
    assert found["status"] == response.status
    return found


# ---- errors


def test_every_error_has_a_case_here() -> None:
    assert set(CASES) == set(kinds())


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("language", list(Language))
def test_an_error_has_its_code_and_its_words(kind: type[errors.GatewayError], language: Language) -> None:
    error, status, code = CASES[kind]
    response = respond.of_error(error, language, "0123456789abcdef")
    body = body_of(response)
    assert (response.status, body["code"]) == (status, code)
    assert body["type"] == f"urn:community-cloud:problem:{code}"
    assert body["request_id"] == "0123456789abcdef"
    for part in ("title", "detail"):
        assert body[part]
        assert is_chinese(body[part]) is (language is Language.ZH), body[part]
    assert "13800006021" not in str(body), "the error's own words stay here"


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def test_a_denial_says_which_rule_and_why() -> None:
    for reason in Reason:
        body = body_of(respond.of_error(errors.Denied("a:household:1", reason), Language.ZH, "r"))
        assert (body["rule"], body["reason"], body["detail"]) == (
            "a:household:1",
            reason,
            SENTENCES[reason][0],
        )


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [
        (errors.AccountLocked, "Retry-After", "90"),
        (errors.QuotaUsedUp, "Retry-After", "60"),
        (errors.Busy, "Retry-After", "5"),
        (errors.StoreUnavailable, "Retry-After", "5"),
        (errors.SourceUnavailable, "Retry-After", "5"),
        (errors.NotSignedIn, "WWW-Authenticate", 'Session realm="community-cloud"'),
        (errors.WrongPassword, "WWW-Authenticate", 'Session realm="community-cloud"'),
    ],
)
def test_a_header_says_what_a_program_does_next(
    kind: type[errors.GatewayError], header: str, value: str
) -> None:
    assert respond.of_error(CASES[kind][0], Language.EN, "r").headers[header] == value


def test_input_faults_are_told_field_by_field() -> None:
    body = body_of(respond.of_error(CASES[errors.InvalidInput][0], Language.EN, "r"))
    assert body["errors"] == [
        {"field": "purpose", "message": FIELD_FAULTS["purpose"][1]},
        {"field": "x", "message": OTHER_FAULT[1]},
    ]


def test_an_error_that_is_not_known_here_is_ours() -> None:
    assert respond.of_error(MocksFailed("x"), Language.EN, "r").status == 500


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (web.HTTPNotFound(), 404, "not_found"),
        (web.HTTPMethodNotAllowed("PUT", ["GET", "POST"]), 405, "method_not_allowed"),
        (web.HTTPRequestTimeout(), 408, "timeout"),
        (web.HTTPRequestEntityTooLarge(max_size=1, actual_size=2), 413, "too_large"),
        (web.HTTPUnsupportedMediaType(), 415, "unsupported_media_type"),
        (web.HTTPExpectationFailed(), 400, "malformed"),
    ],
)
def test_what_aiohttp_refuses_is_a_problem_too(error: web.HTTPException, status: int, code: str) -> None:
    response = respond.of_http_error(error, Language.EN, "r")
    assert (response.status, body_of(response)["code"]) == (status, code)
    assert response.headers.get("Allow") == ("GET,POST" if status == 405 else None)


def test_all_words_are_there_in_both_languages() -> None:
    for code, (status, title, detail) in PROBLEMS.items():
        assert 400 <= status < 600
        assert is_chinese(title[0])
        assert not is_chinese(title[1])
        if code not in {"denied", "quota"}:
            assert is_chinese(detail[0])
            assert detail[1]
            assert not is_chinese(detail[1])
    for words in (*FIELD_FAULTS.values(), OTHER_FAULT, *SENTENCES.values()):
        assert is_chinese(words[0])
        assert words[1]
        assert not is_chinese(words[1])
    assert set(SENTENCES) == set(Reason)


# ---- records

NOW = StillClock().now()
TOKENS = Tokens(bytes(range(64)))
OK = SourceStatus(SourceState.OK, NOW, CacheState.MISS)


def value(content: Any, source: str = "household", *, masked: bool = False) -> FieldValue:
    return FieldValue(content, source, NOW, Kind.PLAIN, masked)


def record(sources: dict[str, SourceStatus] | None = None, **person: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"household": "H1", "facts": ResourceFacts(), "fields": {}}
    built = Person(identity=citizen(1), **(given | person))
    raw = respond.record(built, sources or {"household": OK}, TOKENS)
    Record.model_validate_json(raw)
    made: dict[str, Any] = orjson.loads(raw)
    return made


def test_a_field_says_its_source_and_its_time() -> None:
    fields = record(fields={"name": (value("陈桂芳"),)})["fields"]
    assert fields["name"] == {
        "value": "陈桂芳",
        "masked": False,
        "source": "household",
        "as_of": "2026-11-21T08:12:00+08:00",
    }


@pytest.mark.parametrize("revealable", [True, False])
def test_a_masked_field_says_whether_a_purpose_would_open_it(revealable: bool) -> None:
    fields = record(
        fields={"phone": (value("138****6021", masked=True),)},
        revealable=frozenset(["phone"] if revealable else []),
    )["fields"]
    assert (fields["phone"]["masked"], fields["phone"]["revealable"]) == (True, revealable)


def test_systems_that_agree_are_one_value_and_systems_that_do_not_are_all_there() -> None:
    two = (value("1", "household"), value("1", "elderly"))
    agreed = record(fields={"phone": two})["fields"]["phone"]
    assert "others" not in agreed
    assert "conflict" not in agreed
    three = (*two, value("2", "relief"))
    differ = record(fields={"phone": three}, conflicts=frozenset(["phone"]))["fields"]["phone"]
    assert differ["conflict"] is True
    assert [(other["source"], other["value"]) for other in differ["others"]] == [
        ("elderly", "1"),
        ("relief", "2"),
    ]


def test_lists_of_words_add_up() -> None:
    lists = (value(("独居", "用餐"), "household"), value(("用餐", "助浴"), "elderly"))
    tags = record(fields={"tags": lists})["fields"]["tags"]
    assert tags["value"] == ["独居", "用餐", "助浴"]
    assert [other["source"] for other in tags["others"]] == ["elderly"]
    assert "conflict" not in tags


def test_a_masked_list_adds_no_words() -> None:
    lists = (value(("独居",), "elderly"), value("***", "household", masked=True))
    tags = record(fields={"tags": lists})["fields"]["tags"]
    assert (tags["value"], tags["masked"]) == (["独居"], False)


def test_people_and_households_are_tokens() -> None:
    made = record()
    assert TOKENS.person(made["resident"]) == citizen(1)
    assert TOKENS.household(made["household"]) == "H1"
    assert record(household=None)["household"] is None


def test_what_is_withheld_is_named_with_its_rule() -> None:
    made = record(withheld={"registered_address": "cadre:household:1"})
    assert made["withheld"] == {"registered_address": {"rule": "cadre:household:1"}}


@pytest.mark.parametrize(
    ("state", "complete"),
    [
        (SourceState.OK, True),
        (SourceState.NOT_FOUND, True),
        (SourceState.DENIED, True),
        (SourceState.STALE, False),
        (SourceState.TIMEOUT, False),
        (SourceState.UNAVAILABLE, False),
        (SourceState.DRIFTED, False),
    ],
)
def test_a_record_is_complete_when_every_system_that_was_asked_answered_now(
    state: SourceState, complete: bool
) -> None:
    assert record({"household": OK, "relief": SourceStatus(state)})["complete"] is complete


def test_a_stale_source_says_why_and_since_when() -> None:
    stale = SourceStatus(SourceState.STALE, NOW, CacheState.STALE, "timeout")
    assert record({"relief": stale})["sources"]["relief"] == {
        "status": "stale",
        "as_of": "2026-11-21T08:12:00+08:00",
        "cache": "stale",
        "detail": "timeout",
    }
    assert record({"relief": SourceStatus(SourceState.DENIED)})["sources"]["relief"] == {"status": "denied"}


def test_the_same_person_under_other_sources_is_another_record() -> None:
    """Rendered bytes are kept with the person."""
    person = Person(citizen(1), None, ResourceFacts(), {"name": (value("陈桂芳"),)})
    stale = SourceStatus(SourceState.STALE, NOW, CacheState.STALE, "drifted")
    for status in (OK, stale, OK, SourceStatus(SourceState.OK, NOW, CacheState.HIT)):
        rendered = orjson.loads(respond.record(person, {"household": status}, TOKENS))
        assert rendered["sources"]["household"] == orjson.loads(orjson.dumps(respond.source(status)))
