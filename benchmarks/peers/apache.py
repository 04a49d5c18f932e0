"""Apache with mod_auth_openidc: a session checked for each request, and nothing else done. No policy, no record."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path as File

import aiohttp

from benchmarks.cores import CannotMeasure, Cores
from benchmarks.fanout import HELLO
from benchmarks.load import Load, request
from benchmarks.paths import Absent, Path
from benchmarks.peers.provider import CLIENT, SECRET
from benchmarks.process import Server, free_port, running

_TITLES = ("Apache mod_auth_openidc, static file", "Apache mod_auth_openidc, proxy")
_MODULES = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/etc/httpd/modules")
_MODULES_VARIABLE = "BENCH_APACHE_MODULES"
_CONFIGURATION = """\
ServerRoot "{home}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile apache.pid
Mutex file:{home}
ErrorLog /dev/stderr
LogLevel crit
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
StartServers 2
ServerLimit 2
ThreadsPerChild 64
MaxRequestWorkers 128
MinSpareThreads 1
MaxSpareThreads 128
KeepAlive On
MaxKeepAliveRequests 0
DocumentRoot "{home}/files"
ProxyPass "/proxy/" "{upstream}/"
OIDCProviderMetadataURL {provider}/.well-known/openid-configuration
OIDCClientID {client}
OIDCClientSecret {secret}
OIDCIDTokenSignedResponseAlg HS256
OIDCRedirectURI http://127.0.0.1:{port}/back
OIDCCryptoPassphrase {secret}
OIDCSSLValidateServer Off
OIDCScope openid
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
"""


def sessions(stack: ExitStack, cores: Cores, folder: File, upstream: str) -> list[Path | Absent]:
    """Return Apache behind a sign-in, with a file and with a proxied upstream of the same 590 bytes."""
    command = next(filter(None, map(_which, ("apache2", "httpd"))), None)
    places = [os.environ.get(_MODULES_VARIABLE, ""), *_MODULES]
    modules = next((place for place in places if (File(place) / "mod_auth_openidc.so").exists()), None)
    if command is None or modules is None:
        return [Absent(title, "apache2 with mod_auth_openidc is not installed") for title in _TITLES]
    home, port = folder / "apache", free_port()
    (home / "files").mkdir(parents=True)
    (home / "files" / "hello").write_bytes(HELLO)
    provider = stack.enter_context(
        running("provider", [sys.executable, "-m", "benchmarks.peers.provider"], cores.load, folder)
    )
    (home / "apache.conf").write_text(
        _CONFIGURATION.format(
            home=home,
            port=port,
            modules=modules,
            upstream=upstream,
            provider=provider.said,
            client=CLIENT,
            secret=SECRET,
        ),
        "ascii",
    )
    arguments = [command, "-f", str(home / "apache.conf"), "-DFOREGROUND"]
    server = stack.enter_context(running("apache", arguments, cores.server, folder, port=port))
    cookie = asyncio.run(_sign_in(server))
    return [
        Path(key, title, server, _load(server, path, cookie))
        for key, title, path in zip(
            ("apache_file", "apache_proxy"), _TITLES, ("/hello", "/proxy/hello"), strict=True
        )
    ]


def _which(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _load(server: Server, path: str, cookie: str) -> Callable[[], Load]:
    load = Load(server.address, [request("GET", path, {"Cookie": cookie})], b'"ok"')
    return lambda: load


async def _sign_in(server: Server) -> str:
    """Follow the redirects to the provider and back as a browser does; return the session's cookie."""
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser,
        browser.get(f"{server.said}/hello") as answer,
    ):
        if answer.status != 200:
            raise CannotMeasure(f"sign-in at Apache ended at {answer.status}")
        return "; ".join(f"{cookie.key}={cookie.value}" for cookie in browser.cookie_jar)
