import pytest

from gateway.identity.password_rules import problems

COMMON = [
    "1234567890",
    "12345678910",
    "0987654321",
    "1111111111",
    "13800138000",
    "19900101199",
    "5201314520",
    "5201314aaa",
    "woaini1314",
    "woaini5201314",
    "WoAiNi1314!",
    "woaiwojia2008",
    "aini1314520!",
    "wangwei1990",
    "Wang.Wei.1990",
    "zhangwei19900101",
    "chenguifang1955",
    "lixiaoming2001!",
    "zw19900101",
    "wang13800138000",
    "password123",
    "P@ssw0rd2024",
    "Pa$$w0rd!!",
    "Passw0rd123",
    "adminadmin1",
    "Admin@12345",
    "qwertyuiop",
    "qwerty123456",
    "poiuytrewq",
    "1qaz2wsx3edc",
    "1q2w3e4r5t6y",
    "q1w2e3r4t5",
    "asdfghjkl123",
    "abcd1234abcd",
    "abcdefghij",
    "aaaaaaaaaaaa",
    "abababababab",
    "abcabcabcabc",
    "Aa12345678",
    "a123456789",
    "iloveyou1314",
    "letmein2024!",
    "xuhuishequ2024",
    "juweihui12345",
    "shanghai310104",
    "ｗｏａｉｎｉ１３１４",
    "我爱你1314520!!",
    "我爱上海2024!!",
]
GOOD = [
    "herons over Suzhou Creek",
    "correct horse battery staple",
    "correcthorsebatterystaple",
    "kettle-orbit-71-plum",
    "x8Gq-2mVt-9LpR",
    "桂花树下的旧自行车铃",
    "三只白鹭飞过了苏州河",
    "tongxiang-laoxi-9-mao",
    "vN4#kw81!zQe",
]


@pytest.mark.parametrize("password", COMMON)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert any("guessed" in problem for problem in problems(password))


@pytest.mark.parametrize("password", GOOD)
def test_what_nobody_guesses_is_taken(password: str) -> None:
    assert problems(password, "cadre") == ()


@pytest.mark.parametrize("password", ["", "x8Gq-2mVt", "白鹭飞过苏州河上"])
def test_short_ones_are_refused(password: str) -> None:
    assert any("at least 10" in problem for problem in problems(password))


def test_overlong_ones_are_refused() -> None:
    assert any("at most 256" in problem for problem in problems("kettle-orbit-71-plum" * 20))


@pytest.mark.parametrize("password", ["wanglaoshi-7", "Wanglaoshi#7x", "wanglaoshiwanglaoshi"])
def test_the_user_name_is_no_password(password: str) -> None:
    assert any("user name" in problem for problem in problems(password, "wanglaoshi"))


def test_no_problem_repeats_the_password() -> None:
    for password in COMMON:
        assert password not in " ".join(problems(password, "cadre"))
