import pytest

from gateway.residents.names import MAX_READINGS, normalised, spellings


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("陈桂芳", ["chenguifang", "cgf"]),
        ("曾国强", ["zengguoqiang", "cengguoqiang", "zgq"]),
        ("单田芳", ["shantianfang", "stf"]),
        ("仇英", ["qiuying", "qy"]),
        ("解晓东", ["xiexiaodong", "xxd"]),
        ("查良镛", ["zhaliangyong", "zly"]),
        ("朴志强", ["piaozhiqiang", "pzq"]),
        ("任重行", ["renzhongxing", "renchongxing", "rzx"]),
        ("尉迟敬德", ["yuchijingde", "ycjd"]),
        ("司徒乐", ["situle", "situyue", "stl", "sty"]),
        ("吕布", ["lvbu", "lb"]),
        ("阿卜杜热合曼·买买提江", ["abudurehemanmaimaitijiang", "abdrhmmmtj"]),
        ("John Smith", ["johnsmith"]),
        ("Jürgen Müller", ["jurgenmuller"]),
    ],
)
def test_a_name_is_found_as_people_read_it(name: str, typed: list[str]) -> None:
    assert set(typed) <= spellings(name)


@pytest.mark.parametrize("name", ["单行乐", "曾朴任", "单曾解"])
def test_a_surname_keeps_all_its_readings_however_many_the_rest_has(name: str) -> None:
    surnames = {"单": {"shan", "dan", "chan"}, "曾": {"zeng", "ceng"}}[name[0]]
    for reading in surnames:
        assert any(spelling.startswith(reading) for spelling in spellings(name))


def test_readings_are_bounded() -> None:
    assert len(spellings("行重乐单解行重乐单解" * 5)) <= MAX_READINGS * 2


@pytest.mark.parametrize("name", ["", " ", "·", "？", "\U0002a6d6"])
def test_what_has_no_reading_has_no_spelling(name: str) -> None:
    assert spellings(name) == frozenset()


@pytest.mark.parametrize("lost", ["?", "？", "□", "\ufffd"])
def test_a_lost_character_is_passed_over(lost: str) -> None:
    """A system that cannot write a rare character writes something else."""
    assert spellings(f"陈{lost}芳") >= {"chenfang", "cf"}


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("阿卜杜热合曼·买买提江", "阿卜杜热合曼买买提江"),
        ("阿卜杜热合曼•买买提江", "阿卜杜热合曼・买买提江"),
        ("ＪＯＨＮ ＳＭＩＴＨ", "John Smith"),
        ("O'Brien", "O’Brien"),
        ("Jean-Luc", "jean luc"),
        ("陈\u3000桂 芳", "陈桂芳"),
        ("\ufa0c田", "兀田"),
    ],
)
def test_one_name_in_two_spellings_is_one(written: str, same: str) -> None:
    assert normalised(written) == normalised(same)


def test_two_names_are_two() -> None:
    assert normalised("陈桂芳") != normalised("陈桂芬")
