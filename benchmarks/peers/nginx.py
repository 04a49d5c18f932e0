"""nginx serving a file: what a machine can do that knows nobody and asks nobody."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path as File

from benchmarks.cores import Cores
from benchmarks.fanout import HELLO
from benchmarks.load import Load, request
from benchmarks.paths import Absent, Path
from benchmarks.process import free_port, running

_TITLE = "nginx, static file of 590 bytes"
_CONFIGURATION = """\
daemon off; worker_processes 1; pid nginx.pid; error_log stderr crit; {user}
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 100000000; open_file_cache max=10; default_type application/json;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  server {{ listen 127.0.0.1:{port}; root .; }}
}}
"""


def static(stack: ExitStack, cores: Cores, folder: File) -> Path | Absent:
    """Return nginx as it comes, one worker."""
    command = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if command is None:
        return Absent(_TITLE, "nginx is not installed")
    home, port = folder / "nginx", free_port()
    home.mkdir(mode=0o755)
    (home / "hello").write_bytes(HELLO)
    user = "user root;" if os.geteuid() == 0 else ""
    (home / "nginx.conf").write_text(_CONFIGURATION.format(port=port, user=user), "ascii")
    arguments = [command, "-p", f"{home}/", "-c", "nginx.conf", "-e", "stderr"]
    server = stack.enter_context(running("nginx", arguments, cores.server, folder, port=port))
    return Path("nginx", _TITLE, server, lambda: Load(server.address, [request("GET", "/hello")], b'"ok"'))
