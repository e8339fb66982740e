"""Which image a container runs, and which Dockerfile makes it.

Nothing is guessed: a build names the image, or `kubectl set image` puts it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.estate.builds import Build
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.image_names import deployed_repository, is_same, tail
from kerp_policy.estate.images import Dockerfile, Owned, Target, User
from kerp_policy.estate.labels import same_namespace
from kerp_policy.estate.pipelines import SetImage
from kerp_policy.estate.workloads import Container, Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Place, Related, Remark, Verdict

MAX_BASES = 10
"""Images of the estate that one starts from, one upon the other."""

_MAX_ALIKE = 20
"""Builds that may be meant by a name whose registry is a variable."""


class Image(Struct, frozen=True):
    """An image that the estate builds: the build, the stage that it takes, with what is in effect.

    `sure` tells whether it is the only one that can be meant.
    """

    build: Build
    target: Target
    sure: bool


class Images:
    """The images that an estate builds, by what they are called."""

    def __init__(self, estate: Estate) -> None:
        """Index the builds by the names that they give."""
        self._estate = estate
        self._kustomize = estate.kustomize
        self._dockerfiles = {file.file: file for file in estate.all(Dockerfile)}
        self._set: dict[tuple[str, str], list[SetImage]] = {}
        self._run: dict[tuple[str, Place], tuple[Image, ...]] = {}
        self._by_name: dict[str, list[Build]] = {}
        self._by_tail: dict[str, list[tuple[str, Build]]] = {}
        self._known: dict[tuple[tuple[str, ...], bool], tuple[Image, ...]] = {}
        for build in estate.all(Build):
            for name in build.names:
                self._by_name.setdefault(name, []).append(build)
                self._by_tail.setdefault(tail(name), []).append((name, build))
        self._set_in: dict[str, list[SetImage]] = {}
        for change in estate.all(SetImage):
            if change.name is not None:
                self._set.setdefault((change.kind, change.name), []).append(change)
            for path in change.paths:
                self._set_in.setdefault(path, []).append(change)

    @cached_property
    def containers(self) -> list[tuple[Workload, Container, tuple[Image, ...]]]:
        """Every container with the images that it may run, of those that the estate builds."""
        return [
            (workload, container, self.run_by(workload, container))
            for workload in self._estate.all(Workload)
            for container in workload.containers
        ]

    def run_by(self, workload: Workload, container: Container) -> tuple[Image, ...]:
        """The images that a container may run, of those that the estate builds."""
        where = (workload.file, container.place)
        if where not in self._run:
            self._run[where] = self._run_by(workload, container)
        return self._run[where]

    def _run_by(self, workload: Workload, container: Container) -> tuple[Image, ...]:
        put_in = list(self._put_in(workload, container))
        written = [deployed_repository(container.image)] if container.image else []
        open_ = self._kustomize.overlay_of(workload.file, container.places["image"].address)
        sure = bool(put_in) or open_ is None
        names = tuple(name for name in put_in or written if name)
        if (names, sure) not in self._known:
            self._known[names, sure] = self._named(names, sure=sure)
        return self._known[names, sure]

    def _put_in(self, workload: Workload, container: Container) -> Iterator[str]:
        """The names that `kubectl set image` puts into a container."""
        named = self._set.get((workload.kind, workload.name), ())
        for change in (*named, *self._set_in.get(workload.file, ())):
            fits = change.container in (container.name, "*")
            if fits and same_namespace(change.namespace, workload.namespace) is not False:
                yield deployed_repository(change.image.strip("\"'"))

    def _named(self, names: tuple[str, ...], *, sure: bool) -> tuple[Image, ...]:
        found: dict[tuple[str, str], tuple[Build, Target, bool]] = {}
        known = True
        for build, certain in self._builds(names):
            file = self._dockerfiles.get(build.dockerfile.path or "")
            target = target_of(file, build.target) if file else None
            if file is None or target is None:
                known = False
            elif (key := (file.file, target.name)) not in found or certain:
                found[key] = (build, self.effective(target), certain)
        one = known and sure and len(found) == 1
        return tuple(Image(build, target, one and certain) for build, target, certain in
                     found.values())  # fmt: skip

    def _builds(self, names: tuple[str, ...]) -> Iterator[tuple[Build, bool]]:
        """What builds an image of one of these names, and whether that is sure."""
        for name in dict.fromkeys(names):
            for build in self._by_name.get(name, ()):
                yield build, True
            alike = self._by_tail.get(tail(name), ()) if tail(name) else ()
            for other, build in alike[:_MAX_ALIKE]:
                if other != name and is_same(name, other) is None:
                    yield build, False

    def effective(self, target: Target) -> Target:
        """A stage with what it has from an image of the estate that it starts from."""
        lineage = [target]
        while len(lineage) < MAX_BASES:
            base = self._base(lineage[-1])
            if base is None or any(base.place == known.place for known in lineage):
                break
            lineage.append(base)
        found = lineage.pop()
        while lineage:
            found = _upon(lineage.pop(), found)
        return found

    def _base(self, target: Target) -> Target | None:
        """The stage that gives the image that a stage starts from, if there is just one."""
        name = deployed_repository(target.base)
        builds = self._by_name.get(name, ()) if name else ()
        files = {(build.dockerfile.path or "", build.target) for build in builds}
        if len(files) != 1:
            return None
        [(path, stage)] = files
        file = self._dockerfiles.get(path)
        return target_of(file, stage) if file else None


def target_of(file: Dockerfile, name: str | None) -> Target | None:
    """The stage that a build takes; None where that is not known."""
    if name is None:
        return None
    found = (each for each in file.targets if (each.name == name if name else each.final))
    return next(found, None)


def _upon(target: Target, base: Target) -> Target:
    """What a stage has in effect on a base: its own, else the base's."""
    user = target.user
    if user.inherited:
        user = base.user
    elif user.uid is None and user.name in base.users:
        user = _of_base(user, *base.users[user.name])
    return replace(
        target,
        base=base.base,
        user=user,
        exposed=(*base.exposed, *target.exposed),
        base_ports=base.base_ports,
        healthcheck=target.healthcheck or base.healthcheck,
        owned=(*base.owned, *(_with_owner(each, base) for each in target.owned)),
        numbers={**base.numbers, **target.numbers},
        users={**base.users, **target.users},
        starts=target.starts or base.starts,
        changed=(*base.changed, *target.changed),
    )


def _of_base(user: User, uid: int, gid: int | None) -> User:
    """A user by a name that the base gives; a group that USER names is known already."""
    number = gid if user.gid is None and ":" not in user.text else user.gid
    reason = f"{user.name} is UID {uid} (created in the base)"
    return replace(user, uid=uid, gid=number, reason=reason)


def _with_owner(owned: Owned, base: Target) -> Owned:
    known = owned.uid is None and owned.owner in base.users
    return replace(owned, uid=base.users[owned.owner][0]) if known else owned


def joined(
    estate: Estate, judge: Callable[[Workload, Container, Target], Remark | None]
) -> Iterator[Judged]:
    """Each container that runs an image of the estate, held to every image that it may run."""
    for workload, container, images in estate.made(Images).containers:
        held = partial(judge, workload, container)
        yield Judged(workload, tuple(together(images, held)) if images else (NOT_APPLICABLE,))


def together(images: Sequence[Image], judge: Callable[[Target], Remark | None]) -> Iterator[Remark]:
    """What is to be said of the images that may be meant: it fails where each of them says so."""
    told = [(image, judge(image.target)) for image in images]
    said = [(image, remark) for image, remark in told if remark]
    for image, remark in said[:1]:
        build = Related(image.build.file, image.build.place, "this builds the image")
        found = replace(remark, related=(*remark.related, build))
        if remark.verdict is Verdict.FAIL and not (image.sure and len(said) == len(told)):
            message = f"{remark.message}, if this is the image that it runs"
            found = replace(found, verdict=Verdict.UNVERIFIED, message=message)
        yield found
