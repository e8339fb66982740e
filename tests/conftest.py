import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
# Slow machines are no mistake; in CI the same cases each time, so that a failure is the change's.
settings.register_profile("kerp", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("kerp")
# The tests are a person's at a terminal, whoever runs them and on whatever machine.
os.environ |= {"KERP_POLICY_LANG": "en", "TERM": "xterm"}
for each in ("CI", "NO_COLOR"):
    os.environ.pop(each, None)
# Else each of some thousand processes that tests start would compile every module anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("XDG_CACHE_HOME", str(Path(__file__).parent.parent / ".cache"))


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty cache folder of the user's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "kerp-policy"


@pytest.fixture(scope="session")
def package_index():
    """Skips what installs packages where pip reaches no index."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "hatchling"]
    with TemporaryDirectory() as folder:
        if subprocess.run(
            [*command, "--dest", folder], capture_output=True, check=False
        ).returncode:
            pytest.skip("pip reaches no package index")
