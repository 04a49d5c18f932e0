import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.web.words import Language, language_of


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, Language.ZH),
        ("", Language.ZH),
        ("*", Language.ZH),
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.ZH),
        ("en-GB,en;q=0.9,zh;q=0.8", Language.EN),
        ("EN-us", Language.EN),
        ("fr-FR, en;q=0.5", Language.EN),
        ("de,fr;q=0.9", Language.ZH),
        ("zh-Hant-TW", Language.ZH),
        ("sv, zh;q=0.9, en;q=0.8", Language.ZH),
        ("ven, xx", Language.ZH),
        ("x-en", Language.ZH),
        (",;=, en", Language.EN),
        ("en;q=0.1, zh;q=0.9", Language.ZH),
        ("zh;q=0.1, en;q=0.9", Language.EN),
        ("en, zh", Language.ZH),
        ("en;q=much", Language.ZH),
        ("en;q=0", Language.ZH),
    ],
)
def test_the_readers_preferred_language_counts_and_chinese_otherwise(
    accepted: str | None, language: Language
) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}
    assert language_of(make_mocked_request("GET", "/", headers=headers)) is language
