"""Make the request of an endpoint for the values of one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import orjson

from connectors.declarative.template import Unaskable, Values, fill_body, fill_flat, fill_pairs, fill_path
from connectors.sdk import form

if TYPE_CHECKING:
    from connectors.declarative.shape import Endpoint


def request_for(endpoint: Endpoint, base_url: httpx.URL, values: Values, charset: str) -> httpx.Request:
    """Return the request; its scheme, host, port and the number of its path's segments are the description's.

    Raises Unaskable for a value that cannot be written where it belongs.
    """
    address = base_url.raw_path.partition(b"?")[0] + fill_path(endpoint.path, values).encode("ascii")
    query = fill_pairs(endpoint.query_string, values, charset)
    # The SDK keeps each address that it joins; these hold values, and would pile up.
    url = base_url.copy_with(raw_path=address + (b"?" + query.encode("ascii") if query else b""))
    content, headers = _content(endpoint, values, charset)
    return httpx.Request(endpoint.method, url, content=content, headers=headers)


def next_link(first: httpx.Request, link: str) -> httpx.Request:
    """Return the request for the next page at an address that an answer gave.

    Method, body and headers are the first's, and the address may differ in its query string alone. Raises
    ValueError for any other, httpx.InvalidURL for what is no address.
    """
    url = first.url.join(link)
    if url.copy_with(query=None, fragment=None) != first.url.copy_with(query=None, fragment=None):
        raise ValueError("the next page is elsewhere")
    kept = {name: value for name, value in first.headers.items() if name.startswith("content-type")}
    return httpx.Request(first.method, url.copy_with(fragment=None), content=first.content, headers=kept)


def _content(endpoint: Endpoint, values: Values, charset: str) -> tuple[bytes, dict[str, str]]:
    try:
        if endpoint.json_ is not None:
            return orjson.dumps(fill_body(endpoint.json_, values)), {"Content-Type": "application/json"}
        if endpoint.form is not None:
            kind = f"application/x-www-form-urlencoded; charset={charset}"
            return form(fill_flat(endpoint.form, values), charset), {"Content-Type": kind}
    except (orjson.JSONEncodeError, UnicodeEncodeError):
        pass  # raised below, outside of the handler: Python's error holds the text
    else:
        return b"", {}
    raise Unaskable
