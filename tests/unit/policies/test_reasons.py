"""Every denial has its sentence in both languages."""

from policies.model import Reason
from policies.reasons import SENTENCES


def test_every_reason_has_both_sentences() -> None:
    assert SENTENCES.keys() == set(Reason)
    for chinese, english in SENTENCES.values():
        assert chinese.endswith("。")
        assert not chinese.isascii()
        assert english.endswith(".")
        assert english.isascii()


def test_no_two_reasons_read_alike() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)
