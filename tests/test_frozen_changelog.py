"""The page of what releases change: each change where it belongs, and nothing else."""

import json
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from frozen import SHIPPED, change, edit, freeze_profile, policy_changelog, shipping
from kerp_policy.policy.load import load_library, load_profile

POLICIES = load_library().policies


@pytest.fixture
def next_version(tmp_path):
    with shipping(tmp_path) as folder:
        yield folder


def test_the_page_of_changes_is_up_to_date():
    page = policy_changelog.page(SHIPPED)
    assert policy_changelog.TARGET.read_text("utf-8") == page, "run python scripts/build_docs.py"


def section(page, heading):
    """The lines of a section, by the headings in it."""
    _, _, rest = page.partition(f"## {heading}\n")
    assert rest, heading
    parts = rest.split("\n## ")[0].split("\n### ")[1:]
    lines = {part.partition("\n")[0]: part.splitlines() for part in parts}
    return {kind: [line for line in text if line[:2] == "- "] for kind, text in lines.items()}


def test_changes_are_told_by_what_they_do(next_version):
    change(next_version)
    expected = {
        "Added": ["- `added-later` (error): Nothing is called kerp-api"],
        "Stricter": [
            "- `cron-time-zone`: severity warning → error",
            "- `replicas`: environments production → all",
            '- `run-as-uid`: asked also where `os` is not `"linux"`',
        ],
        "Changed": [
            "- `run-as-uid`: parameter `uid` `1001` → `2002`",
            "- the environment production is told otherwise",
            '- the version of kubernetes: `"1.37"` → `"1.36"`',
        ],
        "Milder": [
            "- `fs-group`: severity error → warning",
            '- `resources`: asked only where `os` is `"windows"`',
        ],
        "Removed": ["- `drop-capabilities`: Containers drop all capabilities"],
    }
    assert section(policy_changelog.page(next_version), "Unreleased") == expected
    freeze_profile.freeze(next_version, "99.1")
    load_library.cache_clear()
    page = policy_changelog.page(next_version)
    assert section(page, "kerp@99.1") == expected
    assert "## Unreleased\n\nNothing differs from kerp@99.1.\n" in page


def changes_of(**values):
    """The changes of the policy resources, told with the values of before and after."""
    policy = POLICIES["resources"]
    before, after = (
        replace(policy, **{name: pair[end] for name, pair in values.items()}) for end in (0, 1)
    )
    profile = replace(load_profile("kerp"), policies=(before,))
    found = policy_changelog.changes(profile, replace(profile, policies=(after,)))
    return [(change.kind, change.text.removeprefix("`resources`: ")) for change in found]


@pytest.mark.parametrize(
    ("values", "kind", "text"),
    [
        ({"waivable": (True, False)}, "Stricter", "cannot be waived any more"),
        ({"waivable": (False, True)}, "Milder", "can be waived"),
        ({"environments": (("a", "b"), ("a",))}, "Milder", "environments a, b → a"),
        ({"environments": (("a",), ("b",))}, "Changed", "environments a → b"),
        ({"environments": (("a",), ("a", "b"))}, "Stricter", "environments a → a, b"),
        ({"environments": (None, ("a",))}, "Milder", "environments all → a"),
        ({"when": ({"os": "a"}, {"os": "b"})}, "Changed", 'asked where `os` is `"a"` → `"b"`'),
        ({"require": ({}, {"a": {"const": 1}})}, "Stricter", 'asks of `a` `{"const": 1}`'),
        (
            {"require": ({"a": {"const": 1}}, {})},
            "Milder",
            'asks nothing of `a` any more, before `{"const": 1}`',
        ),
        (
            {"require": ({"a": {"const": 1}}, {"a": {"const": 2}})},
            "Changed",
            'asks of `a` `{"const": 1}` → `{"const": 2}`',
        ),
        ({"params": ({}, {"b": [1]})}, "Changed", "parameter `b` nothing → `[1]`"),
        ({"each": ("pod", "container")}, "Changed", "asked about pod → container"),
        ({"check": ("a.b", "a.c")}, "Changed", "another check decides"),
    ],
)
def test_a_change_is_told(values, kind, text):
    assert changes_of(**values) == [(kind, text)]


def test_what_decides_nothing_is_no_change():
    assert changes_of(title=("a", "b"), how=("a", "b"), controls=((), ("pss/x",))) == []


def shared_lists() -> Iterator[tuple[str, str, list[object]]]:
    """The parameters with a list that one policy has from another of the guide's: name and list."""
    shared = (POLICIES[policy.params_of] for policy in POLICIES.values() if policy.params_of)
    for owner in (policy for policy in shared if "thorough" not in policy.topics):
        for name, values in owner.params.items():
            if isinstance(values, list | tuple):
                yield owner.id, name, list(values)


def test_a_shared_parameter_is_told_once(next_version):
    owner, name, values = next(shared_lists())
    setting = f"\npolicies:\n  {owner}: {{params: {{{name}: {json.dumps(values[:-1])}}}}}\n"
    edit(next_version / "profiles" / "kerp.yaml", ("\npolicies:\n", setting))
    found = section(policy_changelog.page(next_version), "Unreleased")["Changed"]
    assert len(found) == 1
    assert found[0].startswith(f"- `{owner}`: parameter `{name}` ")
