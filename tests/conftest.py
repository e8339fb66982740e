import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

sys.path.insert(0, str(Path(__file__).parent))
os.environ["KERP_POLICY_LANG"] = "en"  # whatever the locale of who runs the tests
# Else each of some thousand processes that tests start would compile every module anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("XDG_CACHE_HOME", str(Path(__file__).parent.parent / ".cache"))


@pytest.fixture(scope="session")
def package_index():
    """Skips what installs packages where pip reaches no index."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "hatchling"]
    with TemporaryDirectory() as folder:
        if subprocess.run(
            [*command, "--dest", folder], capture_output=True, check=False
        ).returncode:
            pytest.skip("pip reaches no package index")
