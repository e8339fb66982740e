"""Programs of Python in processes of their own, forked from one that has kerp-policy imported.

Most of the time of a run over a test's few files goes into starting Python and importing modules.
A fork has its own memory, environment, folder, files, end and exit code, as any process, and
nothing that a run has kept. It shares with its siblings what Python decides when it starts (the
seed of hashes, options, encodings); who asks for another of these gets a start of its own.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

PATIENCE = 120
"""Seconds after which a process is ended, which is then its end by SIGALRM."""
_AT_START = ("PYTHON", "LC_", "LANG")
"""What the variables begin with that Python reads when it starts."""
_UTF_8 = {"PYTHONIOENCODING": "utf-8"}


def run(
    *words: str, cwd: Path, stdin: bytes = b"", environment: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run `python WORD...`, where the words are `-m MODULE` or a file, and their arguments."""
    environment = environment | _UTF_8
    if _at_start(environment) != _at_start(dict(os.environ) | _UTF_8) or not hasattr(os, "fork"):
        return subprocess.run(
            [sys.executable, *words],
            cwd=cwd,
            input=stdin,
            capture_output=True,
            env=environment,
            timeout=PATIENCE,
            check=False,
        )
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        asked = {"words": words, "cwd": str(cwd), "environment": environment}
        code = _asked(json.dumps(asked), [file.fileno() for file in (given, out, err)])
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), err.read())


def _at_start(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_AT_START)}


def _asked(request: str, files: list[int]) -> int:
    """Have the server fork, and wait for the exit code; a negative one is a signal."""
    server, data = _server(), request.encode()
    socket.send_fds(server, [len(data).to_bytes(4, "big")], files)
    server.sendall(data)
    answer = server.recv(4, socket.MSG_WAITALL)
    assert answer, "the server of forks has ended"
    return int.from_bytes(answer, "big", signed=True)


@cache
def _server() -> socket.socket:
    """A server that is nobody's child, for tests that count theirs, and ends with this process."""
    here, there = socket.socketpair()
    command = [sys.executable, str(Path(__file__)), str(there.fileno())]
    environment = {**os.environ, **_UTF_8}
    subprocess.run(command, pass_fds=[there.fileno()], env=environment, check=True)
    there.close()
    return here


def _serve(client: socket.socket) -> list[str]:
    """Fork for each request until there is no client; returns, in each fork, the words to run."""
    while True:
        size, files, _flags, _address = socket.recv_fds(client, 4, 3)
        if not size:
            os._exit(0)
        request = json.loads(client.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
        child = os.fork()
        if not child:
            client.close()
            return _become(request, files)
        for file in files:
            os.close(file)
        _pid, status = os.waitpid(child, 0)
        client.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


def _become(request: dict, files: list[int]) -> list[str]:
    """Take on what a process is started with."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    signal.alarm(PATIENCE)
    return request["words"]


def _import_all() -> None:
    """Import the program, but for what needs a library that may be missing."""
    from contextlib import suppress
    from pkgutil import walk_packages

    import kerp_policy

    for module in walk_packages(kerp_policy.__path__, "kerp_policy."):
        if not module.name.endswith("__main__"):
            with suppress(ModuleNotFoundError):
                __import__(module.name)


if __name__ == "__main__":
    client = socket.socket(fileno=int(sys.argv[1]))
    if os.fork():
        os._exit(0)
    import gc
    import runpy

    if not sys.flags.safe_path:
        sys.path.pop(0)  # the folder of the tests
    _import_all()
    gc.freeze()
    first, *rest = _serve(client)
    sys.argv = rest if first == "-m" else [first, *rest]
    if not sys.flags.safe_path:
        sys.path.insert(0, str(Path.cwd() if first == "-m" else Path(first).parent))
    if first == "-m":
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(first, run_name="__main__")
