"""Which system a row means: by host and port, by name, and never by likeness."""

import httpx
import pytest

from gateway.vault.matching import KnownSystem, Match, Systems

SYSTEMS = Systems(
    [
        KnownSystem("household", httpx.URL("http://10.1.2.3:8080/hk/"), ("人口信息", "实有人口")),
        KnownSystem("relief", httpx.URL("http://10.1.2.3:9090/"), ("社会救助",)),
        KnownSystem("elderly", httpx.URL("https://elderly.example.cn/app/"), ("为老服务", "养老")),
        KnownSystem("meals", httpx.URL("http://meals.example.cn/"), ("助餐", "养老")),
    ]
)
UNKNOWN, UNCLEAR = Match(None), Match(None, unclear=True)


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("", "http://10.1.2.3:8080/login.jsp", "household"),
        ("", "10.1.2.3:9090", "relief"),
        ("", "HTTP://10.1.2.3：8080/", "household"),
        ("", "内网：http://10.1.2.3:8080 （请用IE）", "household"),
        ("", "https://elderly.example.cn", "elderly"),
        ("", "elderly.example.cn/login", "elderly"),
        ("", "http://elderly.example.cn/", "elderly"),
        ("http://meals.example.cn", "", "meals"),
        ("人口信息系统", "", "household"),
        ("人口信息管理平台", "", "household"),
        (" 社会 救助（新）", "", "relief"),
        ("RELIEF", "", "relief"),
        ("实有人口", "http://old.example.cn", "household"),
        ("社会救助", "10.1.2.3", "relief"),
        ("养老系统", "http://meals.example.cn/x", "meals"),
    ],
)
def test_a_system_is_known_by_its_address_or_its_name(name: str, address: str, expected: str) -> None:
    assert SYSTEMS.match(name, address) == Match(expected)


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("", "", UNKNOWN),
        ("医保", "http://10.1.2.4:8080", UNKNOWN),
        ("人口", "", UNKNOWN),
        ("人口信息采集", "", UNKNOWN),
        ("", "http://10.1.2.3:7070", UNKNOWN),
        ("", "http://elderly.example.cn.evil.example/", UNKNOWN),
        ("", "http://notelderly.example.cn/", UNKNOWN),
        ("", "10.1.2.3", UNCLEAR),
        ("养老", "", UNCLEAR),
        ("社会救助", "http://10.1.2.3:8080", UNCLEAR),
        ("", "http://10.1.2.3:8080 或 http://10.1.2.3:9090", UNCLEAR),
    ],
)
def test_a_password_does_not_go_astray(name: str, address: str, expected: Match) -> None:
    assert SYSTEMS.match(name, address) == expected
