"""The same three questions and the same joining for everybody who is compared: bare aiohttp and FastAPI with httpx."""

from __future__ import annotations

import orjson

SYSTEMS = ("household", "elderly", "relief")

HELLO = orjson.dumps({"status": "ok", "filler": "x" * 563})
"""590 bytes, the answer of whatever does nothing else."""

_ENVELOPE = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<m:queryPerson xmlns:m="http://service.relief"><key>0</key><sfzh>%b</sfzh></m:queryPerson>'
    b"</soapenv:Body></soapenv:Envelope>"
)


def questions(number: bytes) -> tuple[tuple[str, bytes, str], ...]:
    """Return path, body and content type of the question to each system about one person."""
    return (
        ("/ry/query.do", b"ZJHM=" + number, "application/x-www-form-urlencoded; charset=gb18030"),
        ("/api/v1/elders/query", b'{"idCards":["%b"]}' % number, "application/json"),
        ("/services/ReliefService", _ENVELOPE % number, "text/xml; charset=utf-8"),
    )


def joined(household: bytes, elderly: bytes, relief: bytes) -> bytes:
    """Return one JSON answer of the three systems' answers."""
    return orjson.dumps(
        {
            "household": orjson.loads(household.decode("gb18030")),
            "elderly": orjson.loads(elderly),
            "relief": relief.decode("gb18030"),
        }
    )
