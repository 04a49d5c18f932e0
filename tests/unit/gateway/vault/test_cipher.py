"""The ciphers: published vectors, and nothing opens that was touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.vault.cipher import AES_256_GCM, CIPHERS, SM4_GCM, Cipher, Unreadable, cipher_of

BOTH = pytest.mark.parametrize("cipher", CIPHERS.values(), ids=lambda cipher: cipher.name)


def test_sm4_gcm_is_the_one_of_rfc_8998() -> None:
    # Appendix A.1. Our bound data begins with the mark, so the vector is opened below that.
    from cryptography.hazmat.primitives.ciphers import Cipher as Transform
    from cryptography.hazmat.primitives.ciphers import modes

    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    content = bytes.fromhex("".join(16 * one for one in "ABCDEFEA"))
    seal = Transform(
        SM4_GCM._algorithm(key), modes.GCM(bytes.fromhex("00001234567800000000ABCD"))
    ).encryptor()
    seal.authenticate_additional_data(bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
    sealed = seal.update(content) + seal.finalize()
    assert seal.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"
    assert sealed.hex().startswith("17f399f08c67d5ee19d0dc9969c4bb7d")


@BOTH
@given(content=st.binary(max_size=200), bound=st.binary(max_size=40))
def test_what_is_sealed_opens_as_it_was(cipher: Cipher, content: bytes, bound: bytes) -> None:
    key = cipher.new_key()
    sealed = cipher.seal(key, content, bound)
    assert cipher_of(sealed) is cipher
    assert cipher.open(key, sealed, bound) == content
    assert cipher.seal(key, content, bound) != sealed


@BOTH
def test_nothing_opens_that_was_touched(cipher: Cipher) -> None:
    key = cipher.new_key()
    sealed = cipher.seal(key, b"content", b"bound")
    for n in range(len(sealed)):
        touched = bytearray(sealed)
        touched[n] ^= 1
        with pytest.raises(Unreadable):
            cipher.open(key, bytes(touched), b"bound")
    for wrong in (sealed[:-1], sealed[:28], b"", sealed + b"\0"):
        with pytest.raises(Unreadable):
            cipher.open(key, wrong, b"bound")
    with pytest.raises(Unreadable):
        cipher.open(key, sealed, b"another")
    with pytest.raises(Unreadable):
        cipher.open(cipher.new_key(), sealed, b"bound")


def test_an_unknown_cipher_is_said_to_be_one() -> None:
    for sealed in (b"", b"\0" * 40, b"\x07" * 40):
        with pytest.raises(Unreadable):
            cipher_of(sealed)


def test_a_derived_key_has_the_length_of_its_cipher_and_is_its_own() -> None:
    keys = {cipher.derive(b"s" * 32, purpose) for cipher in CIPHERS.values() for purpose in ("a", "b")}
    assert sorted(map(len, keys)) == [16, 16, 32, 32]
    assert AES_256_GCM.derive(b"s" * 32, "a") == AES_256_GCM.derive(b"s" * 32, "a")
