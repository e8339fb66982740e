"""`python -m kerp_policy`."""

import sys

# Python puts the current folder first, where a json.py of the repository would stand for Python's.
if not sys.flags.safe_path:
    sys.path.pop(0)

from kerp_policy.cli import start

start()
