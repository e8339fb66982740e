"""From shell commands to facts: what is applied, set, undone, called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from kerp_policy.artifacts.shell import Word
from kerp_policy.artifacts.shell.arguments import is_command, is_dry, operands, option, positional
from kerp_policy.estate.edits import edits_of, piped
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.pipelines import Apply, Call, Edit, Push, Reach, SetImage, Undo, Wait
from kerp_policy.estate.shells import Expand, below
from kerp_policy.estate.surroundings import Surroundings
from kerp_policy.estate.writes import writes_nothing

_FILES = ("-f", "--filename")
_FOLDERS = ("-k", "--kustomize")
_NAMESPACE = ("-n", "--namespace")
_RECURSIVE = ("-R", "--recursive", "--recursive=true")
_APPLYING = ("apply", "replace", "create")
KINDS = {
    **dict.fromkeys(("deployment", "deployments", "deploy", "deployment.apps"), "Deployment"),
    **dict.fromkeys(("statefulset", "statefulsets", "sts", "statefulset.apps"), "StatefulSet"),
    **dict.fromkeys(("daemonset", "daemonsets", "ds", "daemonset.apps"), "DaemonSet"),
    **dict.fromkeys(("cronjob", "cronjobs", "cj", "cronjob.batch"), "CronJob"),
}
"""The names that kubectl knows a kind of workload by (`kubectl api-resources`)."""
_PODS = ("…", "pod", "pods", "po", "all")
"""What `kubectl wait` is given where it may wait for the pods of any workload."""
_CREATED = {
    "secret": "Secret",
    "configmap": "ConfigMap",
    "cm": "ConfigMap",
    "serviceaccount": "ServiceAccount",
    "sa": "ServiceAccount",
    "namespace": "Namespace",
    "ns": "Namespace",
}
CommandFact = Apply | Edit | SetImage | Undo | Wait | Call | Push | Reach | Declared
Target = tuple[str, str | None]
"""A kind of workload and a name, None where it is not known."""


def command_facts(run: Surroundings) -> Iterator[CommandFact]:
    """The facts of all commands of a text."""
    is_untouched = run.is_untouched
    for index, command in enumerate(run.shell.commands):
        words = command.unwrapped()
        if command.program in _PROGRAMS:
            given = positional(words[1:])
            if given and (not is_dry(words) or _is_read_on(run, index, given)):
                for fact in _PROGRAMS[command.program](run, index, given):
                    is_apply = isinstance(fact, Apply)
                    yield replace(fact, is_untouched=is_untouched) if is_apply else fact
        elif script := run.script(index):
            yield Call(*run.head(index), script)
        yield from edits_of(run, index)
        is_untouched = is_untouched and writes_nothing(command)


def _is_read_on(run: Surroundings, index: int, given: Sequence[str]) -> bool:
    """Whether what a command prints is applied, though it changes nothing by itself.

    `kubectl create --dry-run` is, into `kubectl apply`; `kubectl set image --local -f` may be.
    """
    commands = run.shell.commands
    if given[:2] == ["set", "image"]:
        return option(commands[index].unwrapped(), *_FILES) is not None
    reader = commands[index].piped_into
    if reader is None or not is_command(commands[index], ("kubectl", "create")):
        return False
    return is_command(commands[reader], *(("kubectl", verb) for verb in _APPLYING))


def _kubectl(run: Surroundings, index: int, given: list[str]) -> Iterator[CommandFact]:
    words = run.shell.commands[index].unwrapped()
    verb, what = given[0], given[1] if len(given) > 1 else ""
    namespace = _namespace_of(words, run.guess)
    if verb == "create" and what in _CREATED:
        yield from _created(run, index, given, namespace)
    elif verb in _APPLYING:
        yield from _applies(run, index, words)
        yield from _reach(run, index, f"kubectl {verb}", namespace)
    elif (verb, what) == ("set", "image"):
        yield from _images(run, index, words)
        yield from _reach(run, index, "kubectl set image", namespace)
    elif (verb, what) == ("rollout", "undo"):
        yield from _undone(run, index, words)
    elif (verb, what) == ("rollout", "status") or verb == "wait":
        yield from _waits(run, index, given[2:] if verb == "rollout" else given[1:])
    elif (verb, what) == ("rollout", "restart") or verb == "patch":
        yield from _reach(run, index, f"kubectl {verb}", namespace)


def _helm(run: Surroundings, index: int, given: list[str]) -> Iterator[CommandFact]:
    if given[0] in ("upgrade", "install"):
        words = run.shell.commands[index].unwrapped()
        yield from _reach(run, index, f"helm {given[0]}", _namespace_of(words, run.guess))


def _docker(run: Surroundings, index: int, given: list[str]) -> Iterator[CommandFact]:
    if given[0] == "push" and len(given) > 1:
        words = run.shell.commands[index].unwrapped()
        named = [word for word in words[2:] if not word.prefix.startswith("-")]
        if named:
            yield Push(*run.head(index), run.written(named[-1]))


_PROGRAMS: Mapping[str | None, Callable[[Surroundings, int, list[str]], Iterator[CommandFact]]] = {
    "kubectl": _kubectl,
    "helm": _helm,
    "docker": _docker,
    "podman": _docker,
}


def _reach(run: Surroundings, index: int, what: str, namespace: str | None) -> Iterator[Reach]:
    if namespace:
        file, place, environment, job, _ = run.head(index)
        yield Reach(file, place, environment, job, what, namespace)


def _created(
    run: Surroundings, index: int, given: list[str], namespace: str | None
) -> Iterator[Declared]:
    """An object that a command makes; what it holds, no file shows."""
    kind = _CREATED[given[1]]
    name = next((text for text in reversed(given[2:]) if text != "…"), "")
    if name:
        file, place, environment, *_ = run.head(index)
        namespace = None if kind == "Namespace" else namespace
        made_by = f"kubectl create {given[1]}"
        yield Declared(file, place, environment, "", kind, namespace, name, None, made_by)


def _applies(run: Surroundings, index: int, words: Sequence[Word]) -> Iterator[Apply]:
    recursive = any(word.text in _RECURSIVE for word in words)
    namespace, always = _namespace_of(words, run.expand), run.always(index)
    verb = next((word.text for word in words if word.text in _APPLYING), _APPLYING[0])
    for options in (_FILES, _FOLDERS):
        given = list(_values(words, options, run.expand))
        if given and "-" not in given:
            paths = tuple(path for text in given for path in _paths(run, index, text))
            head = run.head(index)
            is_kustomized = options == _FOLDERS
            yield Apply(*head, paths, recursive, is_kustomized, namespace, always, verb=verb)
    if "-" in _values(words, _FILES, run.expand):
        text = piped(run, index)
        head = run.head(index)
        paths, fills = text.paths, text.fills
        yield Apply(*head, paths, False, text.kustomize, namespace, always, fills, verb=verb)


def _paths(run: Surroundings, index: int, given: str | None) -> Iterator[str]:
    for part in (given or "").split(","):
        path = below(run.folders[index], part) if part and "://" not in part else None
        if path is not None:
            yield path


def _values(words: Sequence[Word], options: Sequence[str], expand: Expand) -> Iterator[str | None]:
    """The values of an option that may be given several times; None for one that is not known."""
    for word, following in zip(words, (*words[1:], None), strict=False):
        text = expand(word)
        name, equals, value = (word.prefix if text is None else text).partition("=")
        if name in options:
            own = None if text is None else value
            yield own if equals else expand(following) if following else None


def _namespace_of(words: Sequence[Word], expand: Expand) -> str | None:
    """The namespace that a command names; None where it names none, or it is not known."""
    return next(_values(words, _NAMESPACE, expand), None)


def _images(run: Surroundings, index: int, words: Sequence[Word]) -> Iterator[SetImage]:
    kind, name = target(words[3:], run.expand)
    files = () if kind else _values(words, _FILES, run.expand)
    paths = tuple(path for text in files for path in _paths(run, index, text))
    namespace, always = _namespace_of(words, run.expand), run.always(index)
    file, _, environment, job, position = run.head(index)
    for word in words[3:]:
        container, equals, image = run.written(word).partition("=")
        if (kind or paths) and equals and image and not container.startswith("-"):
            place = run.place(word.span)
            yield SetImage(
                file, place, environment, job, position,
                kind, name, namespace, container, image, always, paths,
            )  # fmt: skip


def target(words: Sequence[Word], expand: Expand) -> Target:
    """The workload that a command is about, or the first one."""
    return next(_targets(words, expand), ("", None))


def _targets(words: Sequence[Word], expand: Expand) -> Iterator[Target]:
    """The workloads that a command is about, as `deployment/api` or `deployment api web`."""
    kind, nameless = "", ""
    for word in operands(words):
        before, slash, _ = (word.text or word.prefix).partition("/")
        known = KINDS.get(before.lower(), "")
        if known and not slash and not kind:
            kind = nameless = known
        elif known or kind:
            name = expand(word)
            nameless = ""
            yield known or kind, name.rpartition("/")[2] if name else None
    if nameless:
        yield nameless, None


def _waits(run: Surroundings, index: int, asked: Sequence[str]) -> Iterator[Wait]:
    """Waits for workloads, or for whatever a file or a selector tells; others are none."""
    kind = asked[0].partition("/")[0].lower() if asked else ""
    if kind and kind not in (*KINDS, *_PODS):
        return
    words = run.shell.commands[index].unwrapped()
    namespace = _namespace_of(words, run.guess)
    for kind, name in list(_targets(words, run.guess)) or [("", None)]:
        yield Wait(*run.head(index), kind, name, namespace, run.for_failures)


def _undone(run: Surroundings, index: int, words: Sequence[Word]) -> Iterator[Undo]:
    """An undo to the revision before; one to a revision that somebody names is their choice."""
    chosen = [word for word in words if (word.text or word.prefix).startswith("--to-revision")]
    if chosen and (run.guess(chosen[0]) or "").partition("=")[2] != "0":
        return
    kind, name = target(words[3:], run.guess)
    if kind:
        yield Undo(*run.head(index), kind, name, _namespace_of(words, run.guess))
