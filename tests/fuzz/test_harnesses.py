"""The harnesses under fuzz/ keep running: each starts from its seeds and finds nothing at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness import ROOT
from kerp_policy.sources.source import START, Source, Span

sys.path.insert(0, str(ROOT / "fuzz"))
import targets
from seeds import seeds


@pytest.mark.parametrize("name", targets.TARGETS)
def test_no_seed_breaks_a_promise(name: str) -> None:
    found = list(seeds(name))
    assert len(found) > 10
    for seed in found[:: max(1, len(found) // 30)]:
        targets.TARGETS[name](seed)


@pytest.mark.parametrize("name", [name for name in targets.TARGETS if name != "file"])
def test_a_harness_runs(name: str, tmp_path) -> None:
    pytest.importorskip("atheris", reason="atheris is not installed: pip install '.[fuzz]'")
    (tmp_path / "seed").write_bytes(next(seeds(name)))
    command = [sys.executable, str(ROOT / "fuzz" / "one.py"), name, str(tmp_path), "-runs=20"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Done 20 runs" in done.stderr


@pytest.mark.parametrize("span", [Span(2, 1, 2, 1), Span(1, 1, 1, 5), Span(1, 2, 1, 1)])
def test_a_place_outside_a_text_breaks_the_promise(span: Span) -> None:
    targets._within(Source("a", b"abc"), [START])
    with pytest.raises(targets.BrokenPromiseError, match="lies outside b'abc'"):
        targets._within(Source("a", b"abc"), [span])
