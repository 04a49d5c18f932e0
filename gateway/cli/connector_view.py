"""What is installed, as ``connector list`` tells it, and how a contract's report reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

from connectors.sdk import AuthScheme, Connector
from gateway.upstream.installed import Unusable, distribution, installed, load

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from connectors.sdk.testing import Report


@dataclass(frozen=True, slots=True)
class Listed:
    """One connector of one distribution. With ``fault`` the rest is unknown."""

    name: str
    distribution: str
    version: str
    fault: str | None = None
    """Why it cannot be used."""
    title: str = ""
    api: int | None = None
    operations: tuple[str, ...] = ()
    """What it can be asked and what it can write down."""
    auth: str = ""
    """Its way to sign in."""
    contract: Report | None = None
    """What it passes, where that was asked for and is declared."""
    contract_fault: str | None = None
    """Why ``contract`` is not known though asked for."""

    @property
    def ok(self) -> bool:
        """Tell whether nothing is known to be wrong; a contract that is not declared is not wrong."""
        return self.fault is None and (self.contract is None or self.contract.ok)


def look(names: Collection[str], *, contract: bool) -> Iterator[Listed]:
    """Yield the installed connectors in order of name, all when no names are given, importing each."""
    for name, points in sorted(installed().items()):
        if not names or name in names:
            for point in sorted(points, key=distribution):
                yield _listed(point, len(points), contract=contract)


def _listed(point: EntryPoint, providers: int, *, contract: bool) -> Listed:
    name, provider = point.name, distribution(point)
    version = point.dist.version if point.dist else ""
    try:
        found = load(point)
    except Unusable as error:
        return Listed(name, provider, version, str(error))
    if providers > 1:
        return Listed(name, provider, version, "several distributions provide a connector of this name")
    asked = (*found.operations, *found.writes)
    auth: object = found.auth  # made from the settings, it is a property of the class
    report, why = _tried(name, found) if contract else (None, None)
    return Listed(
        name,
        provider,
        version,
        title=found.manifest.title,
        api=found.manifest.api,
        operations=tuple(sorted(one.__name__ for one in asked)),
        auth=type(auth).__name__ if isinstance(auth, AuthScheme) else "by its settings",
        contract=report,
        contract_fault=why,
    )


def _tried(name: str, connector: type[Connector[Any]]) -> tuple[Report | None, str | None]:
    from connectors.sdk.testing.declared import NotDeclared, declared, run_declared

    try:
        return run_declared(declared(name), connector), None
    except NotDeclared as error:
        return None, str(error)


def lines_of(one: Listed) -> Iterator[str]:
    """Yield the text of one connector, a line each."""
    head = f"{one.name}\t{one.distribution} {one.version}"
    if one.fault is not None:
        yield f"{head}\tcannot be used: {one.fault}"
        return
    yield f"{head}\tapi {one.api}\t{one.auth}\t{', '.join(one.operations)}\t{one.title}"
    if one.contract_fault is not None:
        yield f"\tcontract not known: {one.contract_fault}"
    if one.contract is not None:
        yield f"\tcontract: {summary(one.contract)}"
        yield from (f"\t{line}" for line in report_lines(one.contract) if not line.startswith("passed"))


def report_lines(report: Report) -> Iterator[str]:
    """Yield how each test ended: outcome, name, and the reason or, for a passed one, what it shows."""
    for result in report.results:
        yield f"{result.outcome}\t{result.name}\t{result.reason or result.title}"


def summary(report: Report) -> str:
    """Return e.g. ``24 passed, 1 exempt``."""
    counts = Counter(result.outcome.value for result in report.results)
    return ", ".join(f"{number} {outcome}" for outcome, number in counts.most_common())


def as_json(listed: Sequence[Listed]) -> bytes:
    """Return the list as JSON."""
    import orjson

    return orjson.dumps(listed)
