"""Settings: read from two files and the environment, and wrong in every way at once."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from gateway.settings import PREFIX, ConfigurationFaults, Settings, read, read_whole, resolve

SECRET = "hunter2-hunter2"
SYSTEM = {
    "connector": "household",
    "base_url": "http://127.0.0.1:9101",
    "credential": {"username": "gateway", "secret": "env:HOUSEHOLD_PASSWORD"},
}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write gateway.yaml and systems.yaml; return the path of the former."""

    def written(gateway: object = None, systems: object = None) -> Path:
        for name, content, usual in (
            ("gateway.yaml", gateway, {"data": "state"}),
            ("systems.yaml", systems, {"household": SYSTEM}),
        ):
            text = (
                content if isinstance(content, str) else yaml.safe_dump(usual if content is None else content)
            )
            (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / "gateway.yaml"

    return written


def faults(file: Path) -> list[str]:
    with pytest.raises(ConfigurationFaults) as refused:
        read_whole(file)
    assert str(refused.value) == "\n".join(refused.value.faults)
    return refused.value.faults


# ---- what is right


def test_what_the_files_leave_open_has_a_value(write: Any) -> None:
    settings = read_whole(write())
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.1", 8080)
    assert (settings.answer_deadline_s, settings.base_register, settings.public_url) == (
        1.0,
        "household",
        None,
    )
    system = settings.systems["household"]
    assert (system.concurrency, system.queue, system.retry, system.timeout) == (16, 256, True, None)


def test_paths_are_taken_from_the_files_folder(write: Any, tmp_path: Path) -> None:
    settings = read_whole(write({"data": "state", "policies": "../rules"}))
    assert settings.data == tmp_path / "state"
    assert settings.policies == tmp_path / "../rules"
    assert settings.key_file == tmp_path / "state" / "keys.json"
    assert settings.anchor_file == tmp_path / "state" / "audit.anchor"
    assert settings.store_url == f"sqlite+aiosqlite:///{tmp_path}/state/state.db"
    assert read_whole(write({"data": "/srv/state"})).data == Path("/srv/state")


def test_systems_stand_in_the_order_of_the_file(write: Any) -> None:
    text = "\n".join(
        f"{name}: {{connector: c, base_url: 'http://h', credential: {{username: u, secret: 'env:X'}}}}"
        for name in ("zebra", "household", "ant")
    )
    assert list(read_whole(write(systems=text)).systems) == ["zebra", "household", "ant"]


def test_settings_do_not_change(write: Any) -> None:
    settings = read_whole(write())
    with pytest.raises(ValidationError):
        settings.base_register = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        settings.listen.port = 1  # type: ignore[misc]


# ---- the environment


def test_a_variable_wins_over_the_file(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write({"data": "state", "listen": {"host": "127.0.0.2", "port": 1}})
    for name, value in {
        "LISTEN__PORT": "9000",
        "ANSWER_DEADLINE_S": "2.5",
        "SYSTEMS__HOUSEHOLD__BASE_URL": "http://127.0.0.1:9999",
        "SYSTEMS__HOUSEHOLD__CREDENTIAL__USERNAME": "other",
        "SYSTEMS__HOUSEHOLD__RETRY": "false",
        "DATA": "elsewhere",
    }.items():
        monkeypatch.setenv(PREFIX + name, value)
    settings = read_whole(file)
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.2", 9000), "the rest stays"
    assert settings.answer_deadline_s == 2.5
    assert settings.data == file.parent / "elsewhere"
    system = settings.systems["household"]
    assert system.credential is not None
    assert (str(system.base_url), system.credential.username, system.retry) == (
        "http://127.0.0.1:9999/",
        "other",
        False,
    )
    assert system.credential.secret == SYSTEM["credential"]["secret"]  # type: ignore[index]


def test_a_variable_can_stand_in_for_an_absent_value(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}DATA", "state")
    assert read_whole(write({})).data.name == "state"


def test_a_variable_that_means_nothing_is_a_fault(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}LISTNE__PORT", "1")
    monkeypatch.setenv(f"{PREFIX}LISTEN__PROT", "1")
    monkeypatch.setenv(f"{PREFIX}DEMO_PASSWORD", "belongs to the demo")
    assert faults(write()) == [
        f"environment: {PREFIX}LISTNE__PORT: there is no such setting",
        f"environment: {PREFIX}LISTEN__PROT: Extra inputs are not permitted",
    ]


@pytest.mark.parametrize("value", ["8080", "{", "[]", '"x"'])
def test_a_variable_that_cannot_be_read_is_a_fault(
    write: Any, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(f"{PREFIX}LISTEN", value)
    (fault,) = faults(write())
    assert fault.startswith(f"environment: {PREFIX}LISTEN: ")


# ---- all faults at once


def test_every_fault_of_both_files_and_the_environment_is_told_at_once(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(
        {
            "data": "state",
            "listen": {"port": 70_000},
            "answer_deadline_s": -1,
            "colour": "red",
            "base_register": "none",
        },
        {
            "household": {**SYSTEM, "base_url": "ftp://h", "tiemout": 3},
            "elderly": {"connector": "elderly"},
            "relief": 5,
            "good": SYSTEM,
        },
    )
    monkeypatch.setenv(f"{PREFIX}SESSIONS__IDLE_S", "soon")
    monkeypatch.setenv(f"{PREFIX}NOTHING", "1")
    found = faults(file)
    places = sorted(fault.rsplit(": ", 1)[0] for fault in found)
    assert places == sorted(
        [
            f"environment: {PREFIX}NOTHING",
            f"environment: {PREFIX}SESSIONS__IDLE_S",
            "gateway.yaml: answer_deadline_s",
            "gateway.yaml: base_register",
            "gateway.yaml: colour",
            "gateway.yaml: listen.port",
            "systems.yaml: elderly.base_url",
            "systems.yaml: elderly.credential",
            "systems.yaml: household.base_url",
            "systems.yaml: household.tiemout",
            "systems.yaml: relief",
        ]
    ), found


def test_with_faults_the_rest_is_there_to_find_further_ones(write: Any) -> None:
    file = write({"listen": {"port": -1}}, {"household": SYSTEM, "bad": {}})
    settings, found = read(file)
    assert list(settings.systems) == ["household"]
    assert len(found) == 5, found
    assert "gateway.yaml: data: Field required" in found


def test_an_absent_file_is_a_fault(tmp_path: Path, write: Any) -> None:
    assert faults(tmp_path / "gateway.yaml")[:2] == [
        f"gateway.yaml: no such file in {tmp_path}",
        f"systems.yaml: no such file in {tmp_path}",
    ]
    file = write()
    file.with_name("systems.yaml").unlink()
    assert faults(file) == [
        f"systems.yaml: no such file in {tmp_path}",
        "gateway.yaml: base_register: systems.yaml has no system called 'household'",
    ]


def test_a_file_that_is_no_mapping_is_a_fault(write: Any) -> None:
    assert "gateway.yaml: must be a mapping of names to values" in faults(write("- a\n- b\n"))
    assert "systems.yaml: must be a mapping of names to values" in faults(write(systems="text"))


def test_an_empty_file_lacks_what_must_be_there(write: Any) -> None:
    assert faults(write("", "")) == [
        "gateway.yaml: data: Field required",
        "gateway.yaml: base_register: systems.yaml has no system called 'household'",
    ]


def test_systems_have_a_file_of_their_own(write: Any) -> None:
    assert "gateway.yaml: systems: write them into systems.yaml" in faults(
        write({"data": ".", "systems": {"household": SYSTEM}})
    )


# ---- secrets


def test_broken_yaml_is_told_by_its_line_and_not_by_its_words(write: Any) -> None:
    (fault, *_) = faults(write(f"data: .\nlisten: {{host: {SECRET}\nport: 1\n"))
    assert fault.startswith("gateway.yaml: cannot be read: line ")
    assert SECRET not in fault


def test_a_described_connector_stands_beside_the_configuration(write: Any) -> None:
    file = write(systems={"household": SYSTEM, "acme": {**SYSTEM, "connector": "file:described/acme.yaml"}})
    settings, _ = read(file)
    assert settings.systems["acme"].connector == f"file:{file.parent}/described/acme.yaml"
    assert settings.systems["household"].connector == SYSTEM["connector"]


def test_every_key_that_stands_twice_is_a_fault(write: Any) -> None:
    system = (
        f"{{connector: a, base_url: 'http://a.example', account: personal, queue: 1,\n  queue: {SECRET}}}"
    )
    found = faults(write("data: .\ndata: x\n", f"household: {system}\nhousehold: {system}\n"))
    assert found[:4] == [
        "gateway.yaml: line 2, column 1: 'data' stands twice",
        "systems.yaml: line 2, column 3: 'queue' stands twice",
        "systems.yaml: line 4, column 3: 'queue' stands twice",
        "systems.yaml: line 3, column 1: 'household' stands twice",
    ]
    assert SECRET not in "".join(found)


@pytest.mark.parametrize("secret", [SECRET, f"plain:{SECRET}", "env:", "file:", f"env:{SECRET} x", 5])
def test_a_secret_is_named_and_never_written(write: Any, secret: object) -> None:
    found = faults(
        write(systems={"household": {**SYSTEM, "credential": {"username": "u", "secret": secret}}})
    )
    assert [fault.rsplit(": ", 1)[0] for fault in found] == ["systems.yaml: household.credential.secret"]
    assert SECRET not in "".join(found)


def test_a_reference_is_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSEHOLD_PASSWORD", SECRET)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "household").write_text(f"{SECRET}\r\n")
    for reference in (
        "env:HOUSEHOLD_PASSWORD",
        "file:secrets/household",
        f"file:{tmp_path}/secrets/household",
    ):
        secret = resolve(reference, tmp_path)
        assert secret.value == SECRET
        assert SECRET not in f"{secret!r} {secret}"


@pytest.mark.parametrize(
    ("reference", "fault"),
    [
        ("env:NOT_SET_ANYWHERE", "the environment variable NOT_SET_ANYWHERE is not set"),
        ("env:EMPTY", "the environment variable EMPTY is not set"),
        ("file:absent", "the file absent cannot be read"),
        ("file:.", "the file . cannot be read"),
        ("file:binary", "the file binary cannot be read"),
        ("file:empty", "the file empty is empty"),
    ],
)
def test_a_reference_to_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, fault: str
) -> None:
    monkeypatch.setenv("EMPTY", "")
    (tmp_path / "binary").write_bytes(b"\xff\xfe" + SECRET.encode())
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(ValueError, match="the ") as refused:
        resolve(reference, tmp_path)
    assert str(refused.value) == fault


def test_every_setting_can_be_named_by_a_variable() -> None:
    assert all("__" not in name and name == name.lower() for name in Settings.model_fields)


# ---- the vault


def test_a_service_account_may_be_the_vaults(write: Any) -> None:
    settings = read_whole(write(systems={"household": {**SYSTEM, "credential": "vault"}}))
    assert settings.systems["household"].credential is None


@pytest.mark.parametrize("credential", [None, "", "Vault", "elsewhere", 5, []])
def test_another_word_is_no_credential(write: Any, credential: object) -> None:
    (fault,) = faults(write(systems={"household": {**SYSTEM, "credential": credential}}))
    assert fault.startswith("systems.yaml: household.credential: ")


def test_the_vaults_files_lie_beside_the_configuration(write: Any, tmp_path: Path) -> None:
    vault = {
        "cipher": "sm4-gcm",
        "current": "a",
        "keys": {"a": "file:a.key", "b": "env:B", "c": "file:/etc/c.key", "d": "transit:d"},
        "transit": {"address": "https://keys.example.gov.cn:8200", "token": "file:token"},
    }
    read_vault = read_whole(write(gateway={"data": ".", "vault": vault})).vault
    assert list(read_vault.keys.values()) == [
        f"file:{tmp_path}/a.key", "env:B", "file:/etc/c.key", "transit:d",
    ]  # fmt: skip
    assert read_vault.transit is not None
    assert read_vault.transit.token == f"file:{tmp_path}/token"


def test_a_key_is_named_and_never_written(write: Any) -> None:
    found = faults(
        write(gateway={"data": ".", "vault": {"cipher": "rot13", "keys": {"a": SECRET, "b c": "env:B"}}})
    )
    assert sorted(fault.split(": ")[1].split(".")[1] for fault in found) == ["cipher", "keys", "keys"]
    assert SECRET not in "".join(found)


# ---- accounts, quotas, windows


PERSONAL = {"connector": "elderly", "base_url": "http://127.0.0.1:9102", "account": "personal"}


def test_a_system_with_personal_accounts(write: Any) -> None:
    groups = {"office": ["lu", "luo"], "street": ["wang"]}
    system = read_whole(
        write(systems={"household": SYSTEM, "elderly": {**PERSONAL, "entitlement": groups}})
    ).systems["elderly"]
    assert (system.account, system.credential) == ("personal", None)
    assert system.equal == {"lu": "office", "luo": "office", "wang": "street"}


def test_what_a_system_bears_and_when(write: Any) -> None:
    system = read_whole(
        write(
            systems={
                "household": {
                    **SYSTEM,
                    "quota": {"per_second": 10, "per_day": 20_000},
                    "maintenance": ["02:00-04:00", "23:30-00:30"],
                    "canary": {"credential": {"username": "tester", "secret": "env:T"}},
                }
            }
        )
    ).systems["household"]
    assert (system.quota.per_second, system.quota.per_day) == (10, 20_000)
    assert [f"{one.begin:%H:%M}-{one.end:%H:%M}" for one in system.maintenance] == [
        "02:00-04:00",
        "23:30-00:30",
    ]
    assert system.canary.every_s == 900
    assert read_whole(write()).systems["household"].canary.every_s == 60


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"quota": {"per_second": 0}}, "household.quota.per_second: "),
        ({"quota": {"per_hour": 5}}, "household.quota.per_hour: "),
        ({"maintenance": ["2-4"]}, "household.maintenance.0: "),
        ({"maintenance": "02:00-04:00"}, "household.maintenance: "),
        ({"maintenance": ["02:00-02:00"]}, "household.maintenance.0: "),
        ({"account": "shared"}, "household.account: "),
        ({"account": "personal"}, "household: credential: personal accounts are kept in the vault"),
        ({"entitlement": {"office": ["lu"]}}, "household: entitlement: only personal accounts can be equal"),
        (
            {"canary": {"credential": {"username": "gateway", "secret": "env:T"}}},
            "household: canary: give it an account that nobody works with",
        ),
    ],
)
def test_what_cannot_be_is_told(write: Any, more: dict[str, Any], fault: str) -> None:
    (found,) = faults(write(systems={"household": {**SYSTEM, **more}, "x": PERSONAL}))[:1]
    assert found.startswith(f"systems.yaml: {fault}")


def test_nobody_is_in_two_groups(write: Any) -> None:
    groups = {"a": ["lu"], "b": ["lu"]}
    (fault,) = faults(write(systems={"household": SYSTEM, "elderly": {**PERSONAL, "entitlement": groups}}))
    assert fault.startswith("systems.yaml: elderly.entitlement: ")


# ---- the cache


def test_the_base_register_forgets_nobody_sooner_than_others(write: Any) -> None:
    """Else the time of an answer would tell somebody who lives elsewhere from nobody."""
    short = {**SYSTEM, "cache": {"missing": 10, "revalidate": 60}}
    settings = read_whole(write(systems={"household": SYSTEM, "relief": short}))
    assert (settings.systems["relief"].cache.missing, settings.systems["relief"].cache.revalidate) == (10, 60)
    assert any("cache.missing" in fault for fault in faults(write(systems={"household": short})))


@pytest.mark.parametrize(
    ("gateway", "place"),
    [({"cache": {"max_bytes": 10}}, "cache.max_bytes"), ({"admin": {"port": 70_000}}, "admin.port")],
)
def test_what_memory_and_metrics_cannot_be(write: Any, gateway: dict[str, object], place: str) -> None:
    assert any(place in fault for fault in faults(write({"data": "state", **gateway})))
