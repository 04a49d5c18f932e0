"""What `connector list` tells of distributions; each test installs its own in a folder."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.sdk.testing.declared import GROUP as CONTRACTS
from gateway.cli import main
from gateway.upstream.installed import GROUP

GOOD = "from tests.contract.wrong.right import Right as Found"
CONTRACT = """
from tests.contract.wrong.right import RightContract
class Contract(RightContract):
    exempt = {"test_clock_skew": "it has no clock"}
"""
Install = Callable[..., None]
List = Callable[..., tuple[int, str]]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a way to install a distribution with a connector, and a contract if it has the code of one."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(name: str, code: str, contract: str = "", distribution: str = "cc-line") -> None:
        module = distribution.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(f"{code}\n{contract}", "utf-8")
        info = tmp_path / f"{module}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
        points = f"[{GROUP}]\n{name} = {module}:Found\n"
        points += f"[{CONTRACTS}]\n{name} = {module}:Contract\n" if contract else ""
        (info / "entry_points.txt").write_text(points)

    yield installed
    for name in set(sys.modules) - before:
        if name.startswith("cc_"):
            del sys.modules[name]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> List:
    """Return a way to run `connector list` here; it returns the exit code and what was printed."""

    def ran(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["community-cloud", "connector", "list", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, capsys.readouterr().out

    return ran


def test_where_it_is_from_and_what_it_can_do(install: Install, listed: List) -> None:
    install("right", GOOD)
    code, out = listed("right")
    assert (code, out) == (0, "right\tcc-line 1.2\tapi 1\tBadgeLogin\tFindPerson, ListCommittee\t试点系统\n")


def test_what_it_passes_and_is_exempt_from_with_the_reason(install: Install, listed: List) -> None:
    install("right", GOOD, CONTRACT)
    code, out = listed("right", "--contract")
    assert code == 0
    assert out.splitlines()[1:] == [
        "\tcontract: 24 passed, 1 exempt",
        "\texempt\ttest_clock_skew\tit has no clock",
    ]


def test_what_it_fails_is_said_and_ends_with_1(install: Install, listed: List) -> None:
    install("right", "from tests.contract.wrong.people import OwnNumberAsIdentity as Found", CONTRACT)
    code, out = listed("right", "--contract", "--json")
    (one,) = json.loads(out)
    failed = {
        each["name"]: each["reason"] for each in one["contract"]["results"] if each["outcome"] == "failed"
    }
    assert code == 1
    assert failed == {"test_known_person": "A person found by a number must bear that number as identity."}


@pytest.mark.parametrize(
    ("contract", "why"),
    [
        ("", "no distribution declares a contract for right"),
        ("1/0 if __name__ == 'never' else None\nOther = 1", "cannot be loaded (AttributeError)"),
        ("Contract = 1", "is no ConnectorContract with samples"),
        (
            (
                "from connectors.sdk.testing import ConnectorContract, Samples\n"
                "class Contract(ConnectorContract):\n    samples = Samples()"
            ),
            "its mock cannot be made (NotImplementedError)",
        ),
    ],
)
def test_a_contract_that_cannot_be_run_is_no_failure(
    install: Install, listed: List, contract: str, why: str
) -> None:
    install("right", GOOD, contract)
    code, out = listed("right", "--contract")
    assert code == 0
    assert "\tcontract not known: " in out
    assert why in out


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("1/0", "the connector cannot be loaded (ZeroDivisionError)"),
        ("raise SystemExit(3)", "the connector cannot be loaded (SystemExit)"),
        (
            (
                f"{GOOD}\nfrom dataclasses import replace\n"
                "class Found(Found):\n    manifest = replace(Found.manifest, api=2)"
            ),
            "made for contract version 2, this gateway has 1",
        ),
    ],
)
def test_a_broken_one_is_listed_with_the_reason_beside_the_others(
    install: Install, listed: List, code: str, why: str
) -> None:
    install("right", code)
    ended, out = listed()
    assert ended == 1
    assert f"right\tcc-line 1.2\tcannot be used: {why}\n" in out
    assert "elderly\tcommunity-cloud-gateway" in out


def test_two_of_one_name_are_both_listed(install: Install, listed: List) -> None:
    install("right", GOOD)
    install("right", GOOD, distribution="cc-other")
    code, out = listed("right")
    assert code == 1
    assert [line.split("\t")[1] for line in out.splitlines()] == ["cc-line 1.2", "cc-other 1.2"]
    assert out.count("several distributions provide a connector of this name") == 2
