"""Runs kerp-policy under an audit hook that ends the process where it does what it must not.

Run as `python -B watched.py FOLDER... -- ARGUMENT...`: files may be written below these folders;
nothing that lies below the first, which is the repository, may be run, nor any text that holds
MARK, which stands in every artifact there. Exit code 99: it was tried. What an event means is in
the table of audit events of Python's manual.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

TRIED = 99
MARK = "text-of-an-artifact"
VERBS = {"ls-files", "ls-tree", "rev-parse", "cat-file", "blame"}
FORBIDDEN = (
    "ctypes.", "ftplib.", "http.", "imaplib.", "nntplib.", "os.exec", "os.fork", "os.posix_spawn",
    "os.spawn", "os.startfile", "os.system", "pickle.", "poplib.", "pty.",
    "smtplib.", "socket.", "sqlite3.load_extension", "telnetlib.", "urllib.", "webbrowser.",
)  # fmt: skip
SHARED = ("os.fork", "pickle.find_class")
"""What may be done where work is shared among processes, and nowhere else."""
POOL = "/multiprocessing/"
IMPORTS = ("<frozen importlib", "<frozen zipimport", "<frozen runpy")
PATHS_WRITTEN = {
    "os.rename": (0, 1), "os.remove": (0,), "os.mkdir": (0,), "os.rmdir": (0,), "os.link": (1,),
    "os.symlink": (1,), "os.chmod": (0,), "os.chown": (0,), "os.truncate": (0,), "os.utime": (0,),
    "os.setxattr": (0,), "shutil.rmtree": (0,), "tempfile.mkstemp": (0,), "tempfile.mkdtemp": (0,),
}  # fmt: skip
"""By event, which of its arguments are paths that are changed."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch(folders: list[Path]) -> None:
    """Forbid from now on; there is no way back."""
    repository = folders[0]
    libraries = tuple(
        f"{Path(folder).resolve()}/"
        for folder in {*map(sysconfig.get_path, ("stdlib", "purelib", "platlib"))}
    )

    def refuse(what: str) -> None:
        os.write(2, f"forbidden: {what[:400]}\n".encode(errors="backslashreplace"))
        os._exit(TRIED)

    def may_write(path: object) -> bool:
        if isinstance(path, int):
            return True  # it was opened before, when its path was looked at
        file = Path(os.fsdecode(path)).absolute()  # type: ignore[arg-type]
        real = file.parent.resolve() / file.name
        return str(real) == os.devnull or any(real.is_relative_to(folder) for folder in folders)

    def starts(executable: object, arguments: object) -> None:
        words = list(arguments) if isinstance(arguments, (list, tuple)) else [arguments]
        program = Path(os.fsdecode(executable or words[0]))  # type: ignore[arg-type]
        is_ours = program.is_absolute() and not program.is_relative_to(repository)
        is_git = is_ours and program.name == "git" and words[1] == "--no-pager"
        verb = next((word for word in words[2:] if word in VERBS), None)
        settings = words[2 : words.index(verb)] if verb else []
        if not is_git or not verb or any(word != "-c" for word in settings[::2]):
            refuse(f"starting {words}")

    def runs(code: object) -> None:
        """Whether code is made or run by an import, or by a library that makes its own."""
        caller = sys._getframe(2).f_code.co_filename
        if not caller.startswith((*IMPORTS, *libraries)) or MARK in str(code):
            refuse(f"code run by {caller}: {str(code)[:200]}")
        place = getattr(code, "co_filename", "")
        if place.startswith(f"{repository}/"):
            refuse(f"code of the repository: {place}")

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _mode, flags = arguments
            if isinstance(flags, int) and flags & WRITING and not may_write(path):
                refuse(f"writing {path!r}")
        elif event in PATHS_WRITTEN:
            for index in PATHS_WRITTEN[event]:
                if not may_write(arguments[index]):
                    refuse(f"{event} {arguments!r}")
        elif event == "subprocess.Popen":
            starts(*arguments[:2])
        elif event in ("compile", "exec", "marshal.loads"):
            runs(arguments[0])
        elif event in SHARED:
            caller = sys._getframe(1).f_code.co_filename
            if not caller.endswith("/kerp_policy/shares.py") and POOL not in caller:
                refuse(f"{event} {arguments!r}")
        elif event.startswith(FORBIDDEN):
            refuse(f"{event} {arguments!r}")

    sys.addaudithook(hook)


if __name__ == "__main__":
    cut = sys.argv.index("--")
    allowed = [Path(folder).resolve() for folder in sys.argv[1:cut]]
    sys.argv = ["kerp-policy", *sys.argv[cut + 1 :]]
    watch(allowed)
    from kerp_policy.cli import main

    main()
