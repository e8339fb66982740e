"""One target under libFuzzer: `python fuzz/one.py TARGET [CORPUS] [-option…]`."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import atheris

with atheris.instrument_imports(include=["kerp_policy"]):
    import kerp_policy

    # All of it, since what a run imports later is not watched for inputs that lead further.
    for module in pkgutil.walk_packages(kerp_policy.__path__, "kerp_policy."):
        if sys.argv[1] == "file" and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    from targets import TARGETS

atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
atheris.Fuzz()
