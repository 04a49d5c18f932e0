"""``connector``: make one, list those that are installed, try one against a system."""

from __future__ import annotations

import getpass
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from connectors.sdk import Connector, Credential
    from connectors.sdk.testing import ConnectorContract

app = typer.Typer(
    help="Connectors to line systems. Example: community-cloud connector new acme",
    no_args_is_help=True,
)


class Auth(StrEnum):
    """The ways to sign in that a new connector may begin with."""

    API_KEY = "api_key"
    BASIC = "basic"
    CAS = "cas"
    FORM_LOGIN = "form_login"
    NONE = "none"
    OAUTH2 = "oauth2"
    SIGNED = "signed"


Name = Annotated[str, typer.Argument(metavar="NAME", help="The connector's name.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


@app.command()
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A lower-case word: the connector's and its package's name.")
    ],
    folder: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder to make; ./NAME when absent.", show_default=False),
    ] = None,
    auth: Annotated[Auth, typer.Option(help="How the system wants us to sign in.")] = Auth.API_KEY,
) -> None:
    """Make a connector for a JSON API, with its mock and tests, as a distribution of its own.

    Example: community-cloud connector new acme --auth oauth2
    """
    from connectors.sdk.scaffold import WAYS, NotMade, create
    from gateway import __version__
    from gateway.settings import ConfigurationFaults

    place = folder or Path(name)
    try:
        made = create(name, place, WAYS[auth], __version__)
    except NotMade as error:
        raise ConfigurationFaults([str(error)]) from None
    for file in made:
        print(file)
    print(f"ok. Next: cd {place}; python -m pip install -e .; python -m pytest")


@app.command("list")
def list_(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="These only.", show_default=False)
    ] = None,
    *,
    contract: Annotated[
        bool, typer.Option("--contract", help="Run the contract of each on the mock that it declares.")
    ] = False,
    json: Json = False,
) -> None:
    """List the installed connectors and what they pass; exit code 1 if one of them is broken.

    Example: community-cloud connector list household --contract
    """
    from gateway.cli import connector_view as view
    from gateway.settings import ConfigurationFaults

    found = []
    for one in view.look(names or (), contract=contract):
        found.append(one)
        if not json:
            print("\n".join(view.lines_of(one)), flush=True)
    if missing := sorted(set(names or ()) - {one.name for one in found}):
        raise ConfigurationFaults([f"no connector {name!r} is installed" for name in missing])
    if json:
        print(view.as_json(found).decode())
    sys.exit(0 if all(one.ok for one in found) else 1)


@app.command()
def mock(
    name: Name,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any free one.")] = 0,
) -> None:
    """Serve the mock that a connector declares, on this machine alone.

    Example: community-cloud connector mock acme --port 9201
    """
    from gateway.cli.child import run_mocks

    sys.exit(run_mocks([name, "--port", str(port)], "mocks.declared"))


@app.command()
def check(
    name: Name,
    base_url: Annotated[str, typer.Option("--base-url", metavar="URL", help="Where the system is.")],
    username: Annotated[
        str | None,
        typer.Option(
            metavar="USER",
            help="An account there; that of the declared mock when absent.",
            show_default=False,
        ),
    ] = None,
    secret: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="Its secret, env:NAME or file:PATH; asked for when absent.",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Whom to ask about, YAML; whom the declared mock knows when absent."
        ),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The connector's own settings, YAML; the declared ones when absent."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Run the contract against a live system and report; exit code 1 if a test failed.

    Signs in about once for each test, and once as a user who does not exist. A wrong password is never tried
    for an account of the system. Faults are provoked only where the system is a mock.

    In place of a name, file:PATH is a description in YAML.

    Example: community-cloud connector check acme --base-url https://acme.example.gov.cn --username gateway
    """
    import orjson
    from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

    from connectors.sdk.testing import Samples, run_contract
    from gateway.cli import connector_view as view
    from gateway.cli.connector_samples import read_mapping, read_samples, said
    from gateway.settings import ConfigurationFaults

    connector = _connector(name)
    try:
        TypeAdapter(AnyHttpUrl).validate_python(base_url)
    except ValidationError as error:
        raise ConfigurationFaults(said("--base-url", error)) from None
    declared = _declared(name)
    try:
        report = run_contract(
            connector,
            base_url,
            credential=_credential(declared, username, secret),
            samples=read_samples(samples) if samples else (declared.samples if declared else Samples()),
            settings=read_mapping(settings) if settings else (declared.settings if declared else {}),
            exempt=declared.exempt if declared else {},
        )
    except ValidationError as error:
        raise ConfigurationFaults(said("settings", error)) from None
    if json:
        print(orjson.dumps(report).decode())
    else:
        print("\n".join([*view.report_lines(report), f"{name} at {base_url}: {view.summary(report)}"]))
    sys.exit(0 if report.ok else 1)


def _connector(name: str) -> type[Connector[Any]]:
    from gateway.settings import ConfigurationFaults
    from gateway.upstream.installed import installed
    from gateway.upstream.registry import connector_class

    faults: list[str] = []
    found = connector_class(name, installed(), faults)
    if found is None:
        raise ConfigurationFaults(faults)
    return found


def _declared(name: str) -> type[ConnectorContract] | None:
    from connectors.sdk.testing.declared import NotDeclared, declared

    try:
        return declared(name)
    except NotDeclared:
        return None  # what it would give may be given by options


def _credential(
    declared: type[ConnectorContract] | None, username: str | None, secret: str | None
) -> Credential:
    from connectors.sdk import Credential
    from gateway.settings import ConfigurationFaults, resolve

    if username is None:
        if secret is not None or declared is None:
            raise ConfigurationFaults(["--username: give an account of the system"])
        return declared.credential
    if secret is None:
        typed = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        return Credential(username, typed)
    try:
        return Credential(username, resolve(secret, Path.cwd()).value)
    except ValueError as error:
        raise ConfigurationFaults([f"--secret: {error}"]) from None
