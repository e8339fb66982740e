"""Fuzzes for a time: `python fuzz/run.py SECONDS [TARGET…]`, after `pip install '.[fuzz]'`.

Every target runs for SECONDS in a process of its own, from the fixtures and what earlier runs have
learnt (`fuzz/corpus/`). What breaks a promise, takes longer than ten seconds or more than 2 GB is
kept in `fuzz/crashes/`, and the exit code is 1. `python fuzz/run.py --replay FILE TARGET` runs one.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LIMITS = ("-timeout=10", "-rss_limit_mb=2048", "-max_len=20000", "-print_final_stats=1")


def main(arguments: list[str]) -> int:
    """Run every target that is named, else all; 1 where one broke a promise, 2 for a wrong call."""
    from targets import TARGETS

    if arguments[:1] == ["--replay"]:
        TARGETS[arguments[2]](Path(arguments[1]).read_bytes())
        return 0
    seconds, *names = arguments or [""]
    unknown = set(names) - TARGETS.keys()
    if not seconds.isdecimal() or unknown:
        print(__doc__, "Targets:", ", ".join(TARGETS), file=sys.stderr)
        return 2
    failed = [name for name in names or TARGETS if not _fuzz(name, int(seconds))]
    print(f"broken: {', '.join(failed)}; see {HERE / 'crashes'}" if failed else "nothing is broken")
    return int(bool(failed))


def _fuzz(name: str, seconds: int) -> bool:
    """Fuzz one target in a process of its own, which a crash may end."""
    corpus, crashes = HERE / "corpus" / name, HERE / "crashes" / name
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    _plant(name, corpus)
    print(f"== {name}", flush=True)
    limits = [*LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={crashes}/"]
    command = [sys.executable, str(HERE / "one.py"), name, str(corpus), *limits]
    return not subprocess.run(command, check=False).returncode


def _plant(name: str, corpus: Path) -> None:
    from seeds import seeds

    for seed in seeds(name):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
