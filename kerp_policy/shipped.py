"""Where the data lies that ships beside the code.

It is read by its path: the package is installed as files, and `importlib.resources` loads a dozen
modules to find that out.
"""

from pathlib import Path

DATA = Path(__file__).parent / "data"
