"""The command line: one file per command group."""

from __future__ import annotations

import os
import sys

import typer

from gateway.cli import audit, connector, db, demo, keys, mocks, policy, serve, user, vault
from gateway.errors import GatewayError, InvalidInput, StoreUnavailable
from gateway.settings import ConfigurationFaults

app = typer.Typer(
    name="community-cloud",
    help="One login for the people who run a neighbourhood. Try: community-cloud demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (demo.demo, serve.serve, serve.check_config, mocks.mocks):
    app.command()(command)
app.add_typer(audit.app, name="audit")
app.add_typer(connector.app, name="connector")
app.add_typer(db.app, name="db")
app.add_typer(keys.app, name="keys")
app.add_typer(policy.app, name="policy")
app.add_typer(user.app, name="user")
app.add_typer(vault.app, name="vault")


def main() -> None:
    """Run the command line; every failure that is not a defect is one clear sentence.

    Exit codes: 0 done, 1 found something wrong, 2 usage or configuration.
    """
    # The database and everything beside it is its owner's alone, whatever the folder allows.
    os.umask(0o077)
    try:
        app()
    except ConfigurationFaults as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        count = len(error.faults)
        print(
            f"{count} fault{'s' if count > 1 else ''} in the configuration; nothing was started.",
            file=sys.stderr,
        )
        sys.exit(2)
    except StoreUnavailable:
        print(
            "The database does not answer, or is not of this version. Try: community-cloud db upgrade",
            file=sys.stderr,
        )
        sys.exit(1)
    except InvalidInput as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except GatewayError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
