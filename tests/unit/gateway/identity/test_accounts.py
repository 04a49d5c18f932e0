from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidInput
from gateway.identity.accounts import AccountDetails, fold_username, is_username
from policies.model import RoleInScope
from tests.unit.gateway.identity.conftest import details


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Cadre", "cadre"),
        ("  cadre\u3000", "cadre"),
        ("ＣＡＤＲＥ２", "cadre2"),
        ("王敏", "王敏"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
    ],
)
def test_a_name_has_one_form(typed: str, folded: str) -> None:
    assert fold_username(typed) == folded


@given(st.text())
def test_folding_twice_changes_nothing(typed: str) -> None:
    assert fold_username(fold_username(typed)) == fold_username(typed)


@pytest.mark.parametrize("name", ["cadre", "security2", "王敏", "li.min@juwei-3", "𠮷野", "a" * 64])
def test_names_that_may_be(name: str) -> None:
    assert is_username(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "a" * 65,
        "-cadre",
        "two words",
        "cadre\n",
        "Cadre",
        "саdre",  # Cyrillic letters that look alike are the point
        "кадры",
        "a/b",
        "<b>",
        "a\0b",
        "13800138000",
        "x13800138000",
        "319999195502300012",
    ],
)
def test_names_that_may_not_be(name: str) -> None:
    assert not is_username(name)


def test_details_come_back_in_one_form() -> None:
    checked = details("Cadre", display_name=" 王  敏 ", organisation="虹梅\t居委会").checked()
    assert (checked.username, checked.display_name, checked.organisation) == ("cadre", "王 敏", "虹梅 居委会")


@pytest.mark.parametrize("region", ["31", "3101", "310104", "310104012", "310104012003"])
def test_regions_have_the_lengths_of_gb_codes(region: str) -> None:
    role = RoleInScope("cadre", (region,))
    assert details("cadre", role).checked().roles == (role,)


@pytest.mark.parametrize(
    "region", ["", "3", "310", "31010", "3101040", "31010401", "3101040120031", "31a1", "３１"]
)
def test_other_regions_are_refused(region: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        details("cadre", RoleInScope("cadre", (region,))).checked()
    assert [name for name, _ in refused.value.problems] == ["scope"]


@pytest.mark.parametrize(
    ("roles", "field"),
    [
        ((), "roles"),
        ((RoleInScope("Cadre!", ("31",)),), "roles"),
        ((RoleInScope("cadre", ()),), "scope"),
        ((RoleInScope("cadre", ("31",), date(2026, 2, 1), date(2026, 1, 1)),), "roles"),
        ((RoleInScope("cadre", ("31", "31")),), "roles"),
        ((RoleInScope("cadre", ("31",)), RoleInScope("cadre", ("31",), date(2026, 1, 1))), "roles"),
    ],
)
def test_roles_that_make_no_sense_are_refused(roles: tuple[RoleInScope, ...], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        AccountDetails("cadre", "王敏", roles).checked()
    assert [name for name, _ in refused.value.problems] == [field]


def test_all_faults_come_at_once_and_quote_nothing() -> None:
    faulty = AccountDetails("13800138000", "", (RoleInScope("X", ("9",)),), "o" * 129, household="")
    with pytest.raises(InvalidInput) as refused:
        faulty.checked()
    assert [name for name, _ in refused.value.problems] == [
        "username",
        "display_name",
        "organisation",
        "household",
        "roles",
        "scope",
    ]
    assert "13800138000" not in str(refused.value)
