"""An OpenID provider that knows one person and asks no password, so that Apache's module can open a session.

Discovery, authorization code and an id token signed with the client's secret (HS256), by OpenID Connect Core 1.0
sections 3.1 and 10.1; just enough for one sign-in of one client. Loopback only.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import signal
import time
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

import orjson
import uvloop
from aiohttp import web

CLIENT = "bench"
SECRET = "a-secret-that-guards-nothing-but-loopback"  # noqa: S105  # it opens nothing


def _word(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")


def _signed(claims: dict[str, object]) -> str:
    words = _word(b'{"alg":"HS256","typ":"JWT"}') + b"." + _word(orjson.dumps(claims))
    return (words + b"." + _word(hmac.digest(SECRET.encode(), words, "sha256"))).decode()


def application() -> web.Application:
    """Return the provider."""
    nonces: dict[str, str] = {}

    async def discovery(request: web.Request) -> web.Response:
        issuer = f"http://{request.host}"
        return web.json_response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["HS256"],
            }
        )

    async def authorize(request: web.Request) -> web.Response:
        code = secrets.token_urlsafe(16)
        nonces[code] = request.query.get("nonce", "")
        back = urlencode({"code": code, "state": request.query["state"]})
        raise web.HTTPFound(f"{request.query['redirect_uri']}?{back}")

    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": f"http://{request.host}",
            "sub": "cadre",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 3600,
            "nonce": nonces.pop(str(form["code"])),
        }
        return web.json_response(
            {"access_token": "none", "token_type": "Bearer", "expires_in": 3600, "id_token": _signed(claims)}
        )

    async def jwks(_request: web.Request) -> web.Response:
        return web.json_response({"keys": []})

    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", discovery)
    app.router.add_get("/authorize", authorize)
    app.router.add_post("/token", token)
    app.router.add_get("/jwks", jwks)
    return app


async def _serve() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    runner = web.AppRunner(application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"ready http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(_serve())
