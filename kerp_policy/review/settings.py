"""Settings: what programs are told from outside, and where each of it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.dockerfile import Instruction
from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.artifacts.pods import Container, pod_of
from kerp_policy.artifacts.workflow import Job, Step, Workflow
from kerp_policy.findings import Place
from kerp_policy.i18n import gettext as _
from kerp_policy.paths import Path
from kerp_policy.review.delta import End, Thing
from kerp_policy.review.running import in_container
from kerp_policy.review.wording import in_workflow
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View, lookup

_KEYED = ("data", "stringData", "binaryData")


class Setting(Struct, frozen=True):
    """A variable, argument or key, and what it is set to.

    Attributes:
        kind: what it is: `env`, `envFrom`, `ConfigMap`, `Secret`, `ENV`, `ARG`, `workflow env`.
        holder: what it belongs to, in words.
        name: its name.
        value: what it is set to; never to be shown as it is.
        file: the file that says so.
        place: where in it.
        owner: of a key, the kind, namespace and name of the object.
    """

    kind: str
    holder: str
    name: str
    value: Any
    file: str
    place: Place
    owner: tuple[str, str | None, str] | None = None

    @property
    def id(self) -> tuple[str, str, str]:
        """What it is told by at both ends."""
        return self.kind, self.holder, self.name


def settings_of(end: End) -> Iterator[Setting]:
    """The settings of the artifacts that differ."""
    for view in end.views("object"):
        thing = Thing(view.facts["file"], view.subject)
        yield from _of_keys(thing)
        yield from _of_containers(thing)
        yield from _of_external_secret(thing)
    for view in end.views("image"):
        yield from _of_dockerfile(view.subject)
    for view in end.views("workflow", "job", "step"):
        yield from _of_workflow(view)


def _of_keys(thing: Thing) -> Iterator[Setting]:
    own = thing.object
    if own.group or own.kind not in ("ConfigMap", "Secret"):
        return
    owner = (own.kind, own.namespace, own.name)
    for part in _KEYED:
        for key, value in as_dict(own.data.get(part)).items():
            place = _key_place(own, (part, key))
            yield Setting(own.kind, thing.name, key, value, thing.file, place, owner)


def _key_place(own: KubernetesObject, path: Path) -> Place:
    """Of a Secret, only where the value begins."""
    return own.beginning(path) if own.kind == "Secret" else own.place(path)


def _of_external_secret(thing: Thing) -> Iterator[Setting]:
    """The keys that an ExternalSecret makes, and what it makes them of."""
    own = thing.object
    if (own.group, own.kind) != ("external-secrets.io", "ExternalSecret"):
        return
    made = str(lookup(own.data, ("spec", "target", "name")) or own.name)
    for i, entry in enumerate(map(as_dict, as_list(lookup(own.data, ("spec", "data"))))):
        if entry.get("secretKey"):
            place, name = own.place(("spec", "data", i, "secretKey")), str(entry["secretKey"])
            owner = ("Secret", own.namespace, made)
            yield Setting(
                "Secret", thing.name, name, entry.get("remoteRef"), thing.file, place, owner
            )


def _of_containers(thing: Thing) -> Iterator[Setting]:
    pod = pod_of(thing.object)
    for container in pod.containers if pod else ():
        holder = in_container(thing, container.name)
        for kind, name, value, path in (*_variables(container), *_sources(container)):
            place = thing.object.place(container.path(path))
            yield Setting(kind, holder, name, value, thing.file, place)


def _variables(container: Container) -> Iterator[tuple[str, str, Any, Path]]:
    for i, variable in enumerate(map(as_dict, as_list(container.data.get("env")))):
        taken = as_dict(variable.get("valueFrom"))
        value = _taken(taken) if taken else variable.get("value", "")
        yield "env", str(variable.get("name")), value, ("env", i, "name")


def _taken(source: Mapping[str, Any]) -> str:
    """`the key X of Secret y`, for what is taken from elsewhere."""
    for part, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        if part in source:
            about = as_dict(source[part])
            taken = _("the key {key} of {kind} {name}")
            return taken.format(key=about.get("key"), kind=kind, name=about.get("name"))
    field = lookup(source, ("fieldRef", "fieldPath"))
    resource = lookup(source, ("resourceFieldRef", "resource"))
    return _("the pod's {field}").format(field=field or resource)


def _sources(container: Container) -> Iterator[tuple[str, str, Any, Path]]:
    for i, source in enumerate(map(as_dict, as_list(container.data.get("envFrom")))):
        for part, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if name := as_dict(source.get(part)).get("name"):
                prefix = source.get("prefix") or ""
                told = _("every key, as {prefix}…") if prefix else _("every key")
                value = told.format(prefix=prefix)
                yield "envFrom", f"{kind} {name}", value, ("envFrom", i, part, "name")


def _of_dockerfile(subject: DockerfileSubject) -> Iterator[Setting]:
    """ENV and ARG by name; what several stages set is one setting with several values."""
    found: dict[tuple[str, str], Setting] = {}
    for instruction in subject.graph.dockerfile.instructions:
        if instruction.keyword in ("ENV", "ARG"):
            for each in _pairs(subject, instruction):
                before = found.get((each.kind, each.name))
                values = (*(before.value if before else ()), *each.value)
                first = before or each
                found[each.kind, each.name] = replace(first, value=tuple(dict.fromkeys(values)))
    for each in found.values():
        yield replace(each, value=_(" or ").join(each.value))


def _pairs(subject: DockerfileSubject, instruction: Instruction) -> Iterator[Setting]:
    for key, value in instruction.pairs:
        place = subject.part(instruction, key.span, key.text)
        values = (value.text,) if value else ()
        kind, holder = instruction.keyword, f"Dockerfile {subject.file}"
        yield Setting(kind, holder, key.text, values, subject.file, place)


def _of_workflow(view: View) -> Iterator[Setting]:
    """Its own variables at each level; what is inherited is told where it is written."""
    thing: Workflow | Job | Step = view.subject
    file: Workflow = thing if isinstance(thing, Workflow) else _file(thing)
    path: Path = () if isinstance(thing, Workflow) else thing.path
    address = view.locate(()).address
    part = address.partition("#")[2]
    holder = in_workflow(file.name) + ("" if isinstance(thing, Workflow) else f", {part}")
    for name, value in as_dict(thing.data.get("env")).items():
        place = Place(file.span((*path, "env", name)), f"{address}.env.{name}")
        yield Setting("workflow env", holder, str(name), value, file.name, place)


def _file(thing: Job | Step) -> Workflow:
    return thing.workflow if isinstance(thing, Job) else thing.file
