"""Releases of the standard: `kerp@1.0` judges in every later version of the program as it did."""

import shutil
from pathlib import Path

import pytest

import harness
from frozen import SHIPPED, change, edit, freeze_profile, shipping
from harness import FIXTURES
from kerp_policy.checks import find_check, scaling
from kerp_policy.errors import UsageError
from kerp_policy.policy.load import load_library, load_profile
from kerp_policy.policy.releases import RELEASES, release, releases
from kerp_policy.policy.review import review_policy
from kerp_policy.policy.validate import schema
from kerp_policy.schema import Validator, violations

NAMES = releases(SHIPPED)
WHOLE = [name for name in NAMES if name.startswith("kerp@")]
"""The releases that others extend, which have all that decides."""
POLICIES = load_library().policies


def data_of(name, folder=SHIPPED):
    return release(folder, name)[1]


@pytest.fixture
def next_version(tmp_path):
    with shipping(tmp_path) as folder:
        yield folder


def told(profile):
    """What is found in the guide's project, without the words."""
    findings = harness.judge(FIXTURES / "kerp", profile=profile)
    return [(f.policy, f.severity, f.verdict, f.file, f.place, f.message) for f in findings]


# A release does not change.


def test_no_release_was_edited():
    lines = (SHIPPED / RELEASES / freeze_profile.SUMS).read_text("utf-8").splitlines()
    sums = dict(line.split("  ")[::-1] for line in lines)
    files = {file.name: file.read_bytes() for file in (SHIPPED / RELEASES).glob("*.json")}
    assert sums == {name: freeze_profile.digest(data) for name, data in files.items()}
    assert sums.keys() == {f"{name}.json" for name in NAMES}


def test_a_version_is_frozen_once(tmp_path):
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "shipped"))
    with pytest.raises(SystemExit, match=r"^kerp@1[.]0: is frozen"):
        freeze_profile.freeze(folder, "1.0")
    with pytest.raises(SystemExit, match=r"^next: is no version"):
        freeze_profile.freeze(folder, "next")
    for version in ("99.10", "99.9"):
        files = [file.name for file in freeze_profile.freeze(folder, version)]
        assert files == [f"kerp@{version}.json", f"thorough@{version}.json"]
    kerp = [name for name in releases(folder) if name.startswith("kerp@")]
    assert kerp[-2:] == ["kerp@99.9", "kerp@99.10"]
    assert data_of("kerp@99.9", folder)["policies"] == data_of("kerp@99.10", folder)["policies"]


@pytest.mark.parametrize("name", ["kerp", "thorough"])
def test_what_was_frozen_just_now_is_the_standard_as_it_is(next_version, name):
    now, then = load_profile(name), load_profile(f"{name}@99.0")
    assert then.policies == now.policies
    assert (then.versions, then.environments) == (now.versions, now.environments)
    assert (then.clauses, then.sections, then.pending) == (now.clauses, now.sections, now.pending)
    assert then.known == now.known
    assert then.title == f"{now.title} ({name}@99.0)"


# What a release needs is there, in the program as it is today.


def lacking(name, policies, settings):
    """What a release needs and today's policies lack, each with what is to be done.

    Args:
        name: of the release.
        policies: today's, by id.
        settings: of today's profile, by policy.
    """
    for id, entry in data_of(name)["policies"].items():
        if id not in policies:
            yield f"{name} has {id}: keep its file and turn it off in profiles/kerp.yaml"
            continue
        before, now = entry.get("params", {}), policies[id].params
        for param in before.keys() - now.keys():
            yield f"{name} sets {param} of {id}: keep it, and give a new one another name"
        if not policies[id].params_of:
            for param in now.keys() - before.keys() - settings.get(id, {}).get("params", {}).keys():
                yield (
                    f"{name} is without {param} of {id}: as default it needs the value that leaves "
                    "it as it was; set the new one in profiles/kerp.yaml"
                )


@pytest.mark.parametrize("name", WHOLE)
def test_what_a_release_needs_is_there(name):
    settings = load_library().profiles["kerp"].data["policies"]
    assert list(lacking(name, POLICIES, settings)) == []


def test_what_a_release_lacks_is_told(next_version):
    (next_version / "kubernetes" / "fs-group.yaml").unlink()
    uid = next_version / "kubernetes" / "run-as-uid.yaml"
    edit(
        uid,
        ("{uid: 1001}", "{user: 1001}"),
        ("  uid:", "  user:"),
        ("$uid", "$user"),
        ("{uid}", "{user}"),
    )
    library = load_library()
    assert set(lacking("kerp@1.0", library.policies, {})) == {
        "kerp@1.0 has fs-group: keep its file and turn it off in profiles/kerp.yaml",
        "kerp@1.0 sets uid of run-as-uid: keep it, and give a new one another name",
        "kerp@1.0 is without user of run-as-uid: as default it needs the value that leaves it as "
        "it was; set the new one in profiles/kerp.yaml",
    }
    with pytest.raises(UsageError, match=r"kerp@1\.0 has policies that this version lacks: fs-gr"):
        load_profile("kerp@1.0")


@pytest.mark.parametrize("name", NAMES)
def test_a_release_is_valid_by_todays_schemas(name):
    data = data_of(name)
    profile = {**data, "policies": {}}
    assert list(violations(Validator(schema("profile")), profile)) == []
    validator = Validator(schema("policy"))
    words = dict.fromkeys(("title", "why", "how"), "x")
    for id, entry in data.get("policies", {}).items():  # of another one, where it extends that
        policy = words | {key: entry[key] for key in freeze_profile.DECIDES if key in entry}
        assert list(violations(validator, policy)) == [], id
        assert list(review_policy(policy)) == []  # its check, facts and parameters are there


def test_a_check_that_is_gone_is_told():
    entry = data_of("kerp@1.0")["policies"]["replicas"]
    words = dict.fromkeys(("title", "why", "how"), "x")
    [mistake] = review_policy(words | {**entry, "check": "availability.gone_since"})
    assert "gone_since" in str(mistake)


# An upgrade adds no failure unasked.


def test_the_next_version_leaves_releases_as_they_were(next_version):
    names = releases(next_version)
    before = {name: told(name) for name in names}
    change(next_version)
    for name in names:
        assert told(name) == before[name], name
    then, now = before["kerp@99.0"], told("kerp")
    assert "added-later" in {policy for policy, *_ in now}
    gone = {policy for policy, *_ in then} - {policy for policy, *_ in now}
    assert gone >= {"drop-capabilities", "resources"}
    assert {severity for policy, severity, *_ in now if policy == "fs-group"} == {"warning"}
    assert any("2002" in message for *_, message in now)


def test_the_mending_of_a_check_counts_in_a_release_too(monkeypatch):
    def mended(estate, params):
        return iter(())

    mended.__module__ = scaling.__name__
    assert "replicas-beside-autoscaler" in {policy for policy, *_ in told("kerp@1.0")}
    find_check.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(scaling, "replicas_beside", mended)
        found = {policy for policy, *_ in told("kerp@1.0")}
    find_check.cache_clear()
    assert "replicas-beside-autoscaler" not in found
