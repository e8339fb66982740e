"""Whatever a configuration, a profile or a policy says: judged, or a mistake that has its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import write
from harness import ROOT
from kerp_policy.cli import main
from mutations import SCALARS, VALUES, _bytes_changed, _places

FUZZ = settings.get_profile("fuzz")
HOSTILE = ("(a+)+$", "(", "[z-a]", "**/" * 40, "!", "a" * 2_000, "$uid", "{uid}", "\\1", "(?=a)")
POLICIES = sorted((ROOT / "policies").glob("[adfkpsw]*/*.yaml"))
SHIPPED = [file for file in POLICIES if file.parent.name not in ("profiles", "controls")]
CONFIG = {
    "profile": "acme",
    "policies": ["policies"],
    "exclude": ["third_party/"],
    "fail-on": "warning",
    "kubernetes-version": "1.34",
    "alertmanager-version": "0.28",
    "externals": [{"name": "Secret/kerp-prod/db", "reason": "Terraform makes it"}],
    "waivers": [
        {"policy": "run-as-uid", "file": "pod.yaml", "until": "2026-12-31", "reason": "OPS-412"}
    ],
}
FILES = {
    "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: kerp-prod}\n"
    "spec: {containers: [{name: a, image: 'x:1', env: [{name: A, value: b}]}]}\n",
    "Dockerfile": "FROM alpine\nRUN apk add curl && curl http://a.test | sh\nCMD a\n",
    ".github/workflows/a.yml": "on: push\njobs: {a: {runs-on: x, steps: [{run: kubectl apply}]}}\n",
    "rules.yml": "groups: [{name: a, rules: [{alert: A, expr: up > 1}]}]\n",
    "alertmanager.yml": "route: {receiver: a}\nreceivers: [{name: a}]\n",
    "a.sh": "kubectl apply -f pod.yaml\n",
}
PLACE = re.compile(
    r"\.(?:yaml|toml):\d+:\d+: |the command line or configuration|in the configuration: "
)
"""What tells where a mistake is; some values may come from the command line as well."""


def _read(text: str | bytes) -> Any:
    return yaml.load(text, yaml.CSafeLoader)


@st.composite
def changed(draw: st.DrawFn, text: str, *, whole: bool = False) -> bytes:
    """A YAML file in which up to two values or keys are others, and a stretch if not `whole`."""
    data = _read(text)
    for _ in range(draw(st.integers(1, 2))):
        places = list(_places(data))
        if places:
            _change(draw, *draw(st.sampled_from(places)))
    written = yaml.safe_dump(data, allow_unicode=True, sort_keys=False).encode("utf-8", "replace")
    return _bytes_changed(draw, written) if not whole and draw(st.integers(0, 4)) == 0 else written


def _change(draw: st.DrawFn, holder: Any, key: Any) -> None:
    value = holder.pop(key)
    name = draw(st.sampled_from([key, key, key, f"{key}x", "", "$x"])) if _is_map(holder) else key
    ways: dict[str, Callable[[], Any]] = {
        "retype": lambda: draw(VALUES | SCALARS),
        "pattern": lambda: draw(st.sampled_from(HOSTILE)),
        "wrap": lambda: [value],
        "keep": lambda: value,
    }
    how = draw(st.sampled_from([*ways, "delete"]))
    if how in ways:
        put = holder.__setitem__ if _is_map(holder) else lambda _, new: holder.append(new)
        put(name, ways[how]())


def _is_map(holder: Any) -> bool:
    return isinstance(holder, dict)


def judged(files: dict[str, str | bytes], crashes: str = " ") -> int:
    """Run `check` over a project, hold its end to what it promises, and return the exit code.

    The check of the policy `crashes` may crash, of a parameter that means nothing to it.
    """
    with TemporaryDirectory() as folder:
        write(Path(folder), {**FILES, ".kerp-policy.yaml": yaml.safe_dump(CONFIG), **files})
        done = CliRunner().invoke(main, ["check", folder, "--no-cache"], catch_exceptions=False)
    assert done.exit_code in (0, 1, 2)
    assert "mistake of its own" not in done.stderr, done.stderr
    mine = f"the check of {crashes} crashed: "
    others = [line for line in done.stderr.splitlines() if mine not in line]
    assert not any("crashed" in line for line in others), others
    if done.exit_code == 2:
        assert mine in done.stderr or PLACE.search(done.stderr), done.stderr
    return done.exit_code


KERP = "policies/profiles/kerp.yaml"
ACME = "title: Acme\nextends: kerp\n"


@FUZZ
@given(changed(yaml.safe_dump(CONFIG)))
def test_a_configuration(data: bytes) -> None:
    judged({".kerp-policy.yaml": data, "policies/profiles/acme.yaml": ACME})


@FUZZ
@given(changed((ROOT / KERP).read_text("utf-8")))
def test_a_profile(data: bytes) -> None:
    judged({"policies/profiles/acme.yaml": data})


@FUZZ
@given(st.sampled_from(SHIPPED).flatmap(lambda file: st.tuples(st.just(file), _policy(file))))
def test_a_policy(policy: tuple[Path, bytes]) -> None:
    file, data = policy
    own = f"policies/{file.parent.name}/own-{file.name}"
    judged({own: data, "policies/profiles/acme.yaml": ACME}, f"own-{file.stem}")


def _policy(file: Path) -> st.SearchStrategy[bytes]:
    return changed(file.read_text("utf-8"))


def test_what_is_mutated_is_judged_as_it_is() -> None:
    assert judged({"policies/profiles/acme.yaml": ACME}) == 1
    assert judged({"policies/profiles/acme.yaml": (ROOT / KERP).read_text("utf-8")}) == 1


def _with(*keys: str) -> list[Path]:
    return [file for file in SHIPPED if _read(file.read_bytes()).keys() & set(keys)]


@FUZZ
@given(st.sampled_from(_with("params", "require", "when")), st.data())
def test_what_a_policy_asks_for(file: Path, data: st.DataObject) -> None:
    policy = _read(file.read_bytes())
    for key in policy.keys() & {"params", "require", "when"}:
        policy[key] = _read(data.draw(changed(yaml.safe_dump(policy[key]), whole=True)))
    own = f"policies/{file.parent.name}/own-{file.name}"
    judged({own: yaml.safe_dump(policy), "policies/profiles/acme.yaml": ACME}, f"own-{file.stem}")


@FUZZ
@given(st.sampled_from(_with("params")), st.data())
def test_what_a_profile_tunes(file: Path, data: st.DataObject) -> None:
    params = yaml.safe_dump(_read(file.read_bytes())["params"])
    tuned = _read(data.draw(changed(params, whole=True)))
    profile = {"title": "Acme", "extends": "kerp", "policies": {file.stem: {"params": tuned}}}
    judged({"policies/profiles/acme.yaml": yaml.safe_dump(profile)}, file.stem)
