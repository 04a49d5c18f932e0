"""Instant upstreams: the three systems' protocols, answered at once with one and the same person under any number.

Not a mock to test against: it checks no password and knows one committee. It exists so that a cold lookup measures
the gateway and not the mocks, which are Python as well and ten times as slow.

Prints ``ready`` and, as JSON, the three addresses; ``GET /_count`` on any of them tells how many questions about
people have been answered.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import ClassVar, cast

import orjson
import uvloop

from benchmarks.fanout import HELLO

COMMITTEE = "310109010003"
SESSION = "0123456789ABCDEF0123456789ABCDEF"

Answer = Callable[[bytes], bytes]
"""From a whole request to a whole response."""

_NUMBER_LENGTH = 18
_HEAD_END = b"\r\n\r\n"


def response(body: bytes, content_type: bytes, more: bytes = b"", status: bytes = b"200 OK") -> bytes:
    """Return an HTTP/1.1 response."""
    return b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n%b\r\n%b" % (
        status, content_type, len(body), more, body,
    )  # fmt: skip


class _Household:
    """``.do`` addresses and JSON in GB18030 under the name of GBK, behind a login form."""

    _LOGIN = (
        "<html><form method='post' action='/login.do'><input name='user'>"
        '<input type="password" name="password"></form></html>'
    ).encode("gb18030")
    _ROW: ClassVar = {
        "RYBH": "3101090000012345", "XM": "陈桂芳", "XBDM": "2", "XBHZ": "女", "CSRQ": "19360214",
        "ZJLXDM": "111", "ZJHM": "%b", "MZDM": "01", "MZHZ": "汉族", "HYZKDM": "30", "HYZKHZ": "丧偶",
        "WHCDDM": "60", "WHCDHZ": "高中", "HH": "H00001234", "HZGX": "02", "LXDH": "13812346021", "RHZT": "1",
        "RYLX": "1", "SWRQ": "", "HJDXZQHDM": "310109", "HJDJDDM": "310109010", "HJDJWHDM": COMMITTEE,
        "HJDJWHHZ": "玉田一居委", "JZDXZQHDM": "310109", "JZDJDDM": "310109010", "JZDJWHDM": COMMITTEE,
        "JZDJWHHZ": "玉田一居委", "HJDZ": "上海市虹口区玉田路300弄3号502室",
        "JZDZ": "上海市虹口区玉田路300弄3号502室", "LDH": "3", "SH": "502",
    }  # fmt: skip
    _BODY = (
        orjson.dumps({"success": True, "total": 1, "rows": [_ROW]}).decode().encode("gb18030").split(b"%b")
    )

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts

    def __call__(self, request: bytes) -> bytes:
        place = request.find(b"ZJHM=", request.find(_HEAD_END))
        if place >= 0:
            self._counts["household"] += 1
            number = request[place + 5 : place + 5 + _NUMBER_LENGTH]
            return response(number.join(self._BODY), b"application/json;charset=GBK")
        if request.startswith(b"GET /login.jsp"):
            cookie = b"Set-Cookie: JSESSIONID=%b; Path=/; HttpOnly\r\n" % SESSION.encode()
            return response(self._LOGIN, b"text/html;charset=GBK", cookie)
        if request.startswith(b"POST /login.do"):
            return response(b"", b"text/html", b"Location: /main.do\r\n", b"302 Found")
        return response(b"<html></html>", b"text/html")


class _Elderly:
    """REST with a bearer token."""

    _ROW: ClassVar = {
        "elderId": "E00012345", "elderName": "陈桂芳", "sex": "F", "birthDate": "1936-02-14", "idCard": "%b",
        "passportNo": None, "mobile": "13812346021", "liveAddress": "上海市虹口区玉田路300弄3号502室",
        "committeeCode": COMMITTEE, "residenceStatus": "02", "liveAlone": True, "careLevel": 3,
        "allowance": 210, "mealService": True, "milkService": True, "contactName": "陈建国",
        "contactRelation": "子", "contactMobile": "15912347740", "tagCodes": "01,06", "status": "1",
    }  # fmt: skip
    _BODY = orjson.dumps({"code": 0, "message": "success", "data": {"rows": [_ROW]}}).split(b"%b")
    _TOKEN = orjson.dumps({"access_token": SESSION, "token_type": "Bearer", "expires_in": 86_400})

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts

    def __call__(self, request: bytes) -> bytes:
        place = request.find(b'"idCards":["')
        if place < 0:
            return response(self._TOKEN, b"application/json")
        self._counts["elderly"] += 1
        return response(
            request[place + 12 : place + 12 + _NUMBER_LENGTH].join(self._BODY), b"application/json"
        )


class _Relief:
    """SOAP as Axis 1 speaks it, in GB18030 under the name of GB2312."""

    _ROW = (
        "<DXBH>J000123401</DXBH><JTBH>J0001234</JTBH><XM>陈桂芳</XM><SFZH>%b</SFZH><JZLBDM>01</JZLBDM>"
        "<JZLBMC>最低生活保障</JZLBMC><JZZT>1</JZZT><JZJE>1510.00</JZJE><FFFS>1</FFFS>"
        f"<HJJWHDM>{COMMITTEE}</HJJWHDM><HJDZ>上海市虹口区玉田路300弄3号502室</HJDZ>"
    )
    _RESULT = f'<?xml version="1.0" encoding="GB2312"?><RESULT><COUNT>1</COUNT><ROW>{_ROW}</ROW></RESULT>'

    @staticmethod
    def _envelope(method: str, text: str) -> bytes:
        inner = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return (
            '<?xml version="1.0" encoding="GB2312"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
            ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
            f'<ns1:{method}Response xmlns:ns1="http://service.relief">'
            f'<{method}Return xsi:type="xsd:string">{inner}</{method}Return>'
            f"</ns1:{method}Response></soapenv:Body></soapenv:Envelope>"
        ).encode("gb18030")

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._key = self._envelope("getKey", SESSION)
        self._person = self._envelope("queryPerson", self._RESULT).split(b"%b")

    def __call__(self, request: bytes) -> bytes:
        place = request.find(b"<sfzh>")
        if place < 0:
            return response(self._key, b"text/xml;charset=GB2312")
        self._counts["relief"] += 1
        number = request[place + 6 : place + 6 + _NUMBER_LENGTH]
        return response(number.join(self._person), b"text/xml;charset=GB2312")


class _Connection(asyncio.Protocol):
    """Take one request after the other; each waits for its answer, as our clients do not pipeline."""

    def __init__(self, answer: Answer, counts: Counter[str]) -> None:
        self._answer = answer
        self._counts = counts
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports bear no relation to asyncio's classes but the name.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        if not _is_whole(data):
            self._buffer = data
            return
        self._buffer = b""
        assert self._transport is not None
        if data.startswith(b"GET /_count"):
            self._transport.write(response(orjson.dumps(dict(self._counts)), b"application/json"))
        elif data.startswith(b"GET /hello"):
            self._transport.write(response(HELLO, b"application/json"))
        else:
            self._transport.write(self._answer(data))


def _is_whole(data: bytes) -> bool:
    end = data.find(_HEAD_END)
    if end < 0:
        return False
    head = data[:end].lower()
    place = head.find(b"\r\ncontent-length:")
    length = int(head[place + 17 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
    return len(data) >= end + len(_HEAD_END) + length


async def serve() -> None:
    """Serve the three systems on free loopback ports until SIGTERM."""
    loop, counts, stop = asyncio.get_running_loop(), Counter[str](), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    systems: dict[str, Answer] = {
        "household": _Household(counts),
        "elderly": _Elderly(counts),
        "relief": _Relief(counts),
    }
    addresses: dict[str, str] = {}
    for name, answer in systems.items():
        connection = partial(_Connection, answer, counts)
        server = await loop.create_server(connection, "127.0.0.1", 0, backlog=1024)
        addresses[name] = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print("ready", orjson.dumps(addresses).decode(), flush=True)
    await stop.wait()


if __name__ == "__main__":
    uvloop.run(serve())
