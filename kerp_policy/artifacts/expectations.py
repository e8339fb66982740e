"""What tests of a cluster expect to find in it: parts of objects that nothing applies.

Source: Chainsaw's documentation, "Assert" and "Error" (`file` beside `apply` and `create`), and
that of KUTTL, "Writing Test Cases" (`00-assert.yaml`, `00-errors.yaml`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from kerp_policy.artifacts.kubernetes import as_list
from kerp_policy.artifacts.kustomize_overrides import below
from kerp_policy.regex import regex
from kerp_policy.views import lookup

TESTS = ("chainsaw-test.yaml", "chainsaw-test.yml")
_STEP = regex(r"[0-9]+-(?:assert|errors)\.ya?ml")
_PHASES = ("try", "catch", "finally", "cleanup")
_COMPARES = ("assert", "error")
_APPLIES = ("apply", "create", "update", "patch")


def is_expectation(path: str) -> bool:
    """Whether a file's name says that a test only compares with it."""
    return _STEP.fullmatch(posixpath.basename(path)) is not None


def expected_by(tests: Mapping[str, str]) -> Mapping[str, str]:
    """From files that tests only compare with to the test; what one of them applies is left out.

    Args:
        tests: from the path of every test of Chainsaw to its text.
    """
    compared, applied = dict[str, str](), set[str]()
    for path in tests:
        for verb, name in _named(tests.get(path, "")):
            file = below(path, name)
            if verb in _COMPARES:
                compared[file] = path
            else:
                applied.add(file)
    return {file: test for file, test in compared.items() if file not in applied}


def _named(text: str) -> Iterator[tuple[str, str]]:
    """The files that a test names, each with what a step does with it."""
    from kerp_policy.artifacts.yaml import read

    for document in read(text).documents:
        for step in as_list(lookup(document.data(), ("spec", "steps"))):
            for operation in (each for key in _PHASES for each in as_list(lookup(step, (key,)))):
                for verb in (*_COMPARES, *_APPLIES):
                    name = lookup(operation, (verb, "file"))
                    if isinstance(name, str):
                        yield verb, name
