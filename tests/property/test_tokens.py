"""Tokens: one for each person, only ours, and telling nothing."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.sdk import Identity, IdentityKind
from gateway.errors import NoSuchThing
from gateway.residents.tokens import Tokens

KEY, OTHER_KEY = bytes(range(64)), bytes(64)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

numbers = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda text: len(text.encode()) <= 100
)
identities = st.builds(Identity, st.sampled_from(IdentityKind), numbers)


@given(identities)
def test_a_token_leads_back_to_its_person_alone(identity: Identity) -> None:
    token = Tokens(KEY).of_person(identity)
    assert Tokens(KEY).person(token) == identity
    assert re.fullmatch(r"[A-Za-z0-9_-]{20,200}", token), "fit for a URL"
    assert Tokens(KEY).of_person(identity) == token, "equal for every reader, across restarts"
    assert Tokens(OTHER_KEY).of_person(identity) != token
    with pytest.raises(NoSuchThing):
        Tokens(OTHER_KEY).person(token)


@given(identities, identities)
def test_two_people_have_two_tokens(one: Identity, other: Identity) -> None:
    assume(one != other)
    assert Tokens(KEY).of_person(one) != Tokens(KEY).of_person(other)


@given(numbers)
def test_a_token_of_one_kind_opens_nothing_of_another(number: str) -> None:
    tokens = Tokens(KEY)
    household = tokens.of_household(number)
    assert tokens.household(household) == number
    people = [tokens.of_person(Identity(kind, number)) for kind in IdentityKind]
    assert len({household, *people}) == 4
    with pytest.raises(NoSuchThing):
        tokens.person(household)
    for token in people:
        with pytest.raises(NoSuchThing):
            tokens.household(token)


@given(identities, st.data())
def test_a_changed_token_is_no_token(identity: Identity, data: st.DataObject) -> None:
    token = Tokens(KEY).of_person(identity)
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + data.draw(st.sampled_from(ALPHABET)) + token[place + 1 :]
    assume(changed != token)
    with pytest.raises(NoSuchThing):
        Tokens(KEY).person(changed)


@given(identities, st.sampled_from(["=", "==", "\n", " ", "!", "A", ".", "é", "\0"]), st.booleans())
def test_one_person_has_one_spelling(identity: Identity, extra: str, before: bool) -> None:
    token = Tokens(KEY).of_person(identity)
    with pytest.raises(NoSuchThing):
        Tokens(KEY).person(extra + token if before else token + extra)


@given(st.text(max_size=250) | st.text(ALPHABET, max_size=250))
def test_anything_else_is_no_token(text: str) -> None:
    for opened in (Tokens(KEY).person, Tokens(KEY).household):
        with pytest.raises(NoSuchThing):
            opened(text)


@given(identities)
def test_an_error_tells_nothing_of_the_person(identity: Identity) -> None:
    token = Tokens(KEY).of_person(identity)
    with pytest.raises(NoSuchThing) as refused:
        Tokens(KEY).household(token)
    assert refused.value.args == ()
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
