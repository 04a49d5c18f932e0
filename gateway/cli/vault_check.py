"""Sign in once with each account of the vault, and note what that shows."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connectors.sdk import AuthRejected, BadUpstreamData, CaptchaRequired, UpstreamError
from gateway.tasks import Tasks
from gateway.upstream.account import Means, UpstreamAccount
from gateway.upstream.lease import Leases
from gateway.upstream.login import GivenLogin
from gateway.vault.entry import EntryState, Why
from gateway.vault.vault import KeyUnavailable, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectors.sdk import Connector, Credential
    from gateway.cli.vault_place import OpenVault
    from gateway.vault.entry import Entry


class Checked(StrEnum):
    """What signing in with an account has shown."""

    CAPTCHA = "captcha"
    KEY_UNAVAILABLE = "key_unavailable"
    LOGIN_CHANGED = "login_changed"
    NO_ANSWER = "no_answer"
    NOT_CONFIGURED = "not_configured"
    OK = "ok"
    REJECTED = "rejected"
    REJECTED_BEFORE = "rejected_before"
    """Not tried: its password was rejected, and nobody has changed it since."""
    UNREADABLE = "unreadable"


_WHY = {
    AuthRejected: Why.REJECTED,
    BadUpstreamData: Why.LOGIN_CHANGED,
    CaptchaRequired: Why.CAPTCHA,
}


async def check(
    opened: OpenVault, connectors: Mapping[str, Connector[Any]], entries: Iterable[Entry]
) -> list[tuple[Entry, Checked]]:
    """Sign in and out once with each entry, at one system one after the other; return what each showed."""
    by_system: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_system[entry.system].append(entry)
    found: list[tuple[Entry, Checked]] = []

    async def at_one_system(system: str) -> None:
        found.extend([(one, await _check(opened, connectors.get(system), one)) for one in by_system[system]])

    async with asyncio.TaskGroup() as group:
        for system in by_system:
            group.create_task(at_one_system(system))
    return sorted(found, key=lambda one: (one[0].system, str(one[0].owner)))


async def _check(opened: OpenVault, connector: Connector[Any] | None, entry: Entry) -> Checked:
    if connector is None:
        return Checked.NOT_CONFIGURED
    if not entry.may_sign_in:
        return Checked.REJECTED_BEFORE
    try:
        credential = await opened.vault.open(entry)
    except Unreadable:
        return Checked.UNREADABLE
    except KeyUnavailable:
        return Checked.KEY_UNAVAILABLE
    try:
        await _sign_in(opened, connector, entry.system, credential)
    except UpstreamError as error:
        why = _WHY.get(type(error))
        if why is None:
            return Checked.NO_ANSWER
        await opened.vault.note(entry, EntryState.NEEDS_ATTENTION, why)
        return Checked(why.value)
    await opened.vault.note(entry, EntryState.OK)
    return Checked.OK


async def _sign_in(opened: OpenVault, connector: Connector[Any], system: str, credential: Credential) -> None:
    tasks = Tasks()
    settings = opened.settings.systems[system]
    send = opened.clients.transport(settings.tls).handle_async_request
    account = UpstreamAccount(
        system,
        connector.auth,
        GivenLogin(credential),
        connector.base_url,
        Means(send, tasks, opened.clock, Leases()),
        settings.timeout or connector.manifest.timeout_s,
    )
    try:
        await account.session()
    finally:
        await account.close()
        await tasks.close()
