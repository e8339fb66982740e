import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("XDG_CACHE_HOME", str(Path(__file__).parent.parent / ".cache"))
