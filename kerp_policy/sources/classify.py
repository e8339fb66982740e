"""What kind of artifact a file is: one table of names, and content where the name is not enough."""

from __future__ import annotations

from functools import lru_cache

from kerp_policy.sources.match import matches

BY_NAME: tuple[tuple[str, str], ...] = (
    ("*.md", ""),
    ("*.dockerignore", "dockerignore"),
    ("Dockerfile*.j2", "template"),
    ("Dockerfile*.tmpl", "template"),
    ("Dockerfile*.tpl", "template"),
    ("Dockerfile*.gotmpl", "template"),
    ("*.Dockerfile.j2", "template"),
    ("*.yaml.j2", "template"),
    ("*.yml.j2", "template"),
    ("*.yaml.tpl", "template"),
    ("*.yml.tpl", "template"),
    ("*.yaml.tmpl", "template"),
    ("*.yml.tmpl", "template"),
    ("*.yaml.gotmpl", "template"),
    ("*.yml.gotmpl", "template"),
    ("*.yaml.template", "template"),
    ("*.yml.template", "template"),
    ("*.j2", ""),
    ("Dockerfile", "dockerfile"),
    ("dockerfile", "dockerfile"),
    ("Dockerfile.*", "dockerfile"),
    ("Dockerfile-*", "dockerfile"),
    ("Dockerfile_*", "dockerfile"),
    ("*.Dockerfile", "dockerfile"),
    ("*.dockerfile", "dockerfile"),
    ("Containerfile", "dockerfile"),
    ("Containerfile.*", "dockerfile"),
    ("*.Containerfile", "dockerfile"),
    ("kustomization.yaml", "kustomization"),
    ("kustomization.yml", "kustomization"),
    ("Kustomization", "kustomization"),
    ("**/.github/workflows/*.yaml", "workflow"),
    ("**/.github/workflows/*.yml", "workflow"),
    ("action.yaml", "action"),
    ("action.yml", "action"),
    ("*.sh", "script"),
    ("*.bash", "script"),
    ("*.yaml", "yaml"),
    ("*.yml", "yaml"),
    ("*.json", "json"),
    ("*.YAML", "yaml"),
    ("*.YML", "yaml"),
    ("*.JSON", "json"),
)
"""From a file's name, or its path, to its kind, the first that fits; an empty kind is no artifact.

A `yaml` or `json` file becomes a `kubernetes` manifest by what it holds.
"""


_WORKFLOWS = ".github/workflows/"
"""The only folders that a pattern asks for."""
_SCRIPTS = ("bin", "hack", "script", "scripts")
"""Folders whose files without an ending are scripts, if their first line says so."""


def kind_by_name(path: str) -> str:
    """The kind that a file's name speaks for, or an empty text."""
    folders, _, name = path.rpartition("/")
    kind = _kind(name, f"/{folders}/".endswith(f"/{_WORKFLOWS}"))
    return kind or ("script" if needs_first_line(path) else "")


def needs_first_line(path: str) -> bool:
    """Whether only the first line tells if a file is what its place suggests."""
    folders, _, name = path.rpartition("/")
    return "." not in name and folders.rpartition("/")[2] in _SCRIPTS


@lru_cache(maxsize=100_000)  # names come again and again
def _kind(name: str, is_in_workflows: bool) -> str:
    path = _WORKFLOWS + name if is_in_workflows else name
    named = ((kind, path if "/" in pattern else name, pattern) for pattern, kind in BY_NAME)
    return next((kind for kind, text, pattern in named if matches(pattern, text)), "")


def may_be_manifest(kind: str, data: bytes) -> bool:
    """Whether reading a YAML or JSON file is worth the time.

    JSON lies everywhere and is seldom a manifest; one that names no `apiVersion` is none, and may
    at most be Alertmanager's. It may be in UTF-16, or YAML after all, as kubectl takes it. YAML is
    read unless it is plainly something else, since a broken manifest must not pass unseen.
    """
    if kind != "json":
        return True
    if b"\0" in data[:4]:
        data = data.replace(b"\0", b"")
    return (b"apiVersion" in data and b"kind" in data) or (
        b'"route"' in data and b'"receivers"' in data
    )


_SIGNS = (
    (b"apiVersion", b"kind"),
    (b"spec", b"containers"),
    (b"route", b"receivers"),
    (b"groups", b"rules"),
)
"""Words of what is judged: of manifests and pods, configurations of Alertmanager, rules."""


def may_become_artifact(data: bytes) -> bool:
    """Whether a template of YAML, which nobody can read yet, may become what is judged."""
    return any(all(word in data for word in words) for words in _SIGNS)
