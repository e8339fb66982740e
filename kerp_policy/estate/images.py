"""What Dockerfiles say of the images that they build, as records."""

from __future__ import annotations

from collections.abc import Mapping

from kerp_policy.docker.ports import Ports
from kerp_policy.findings import Place
from kerp_policy.records import Kept


class Healthcheck(Kept, frozen=True):
    """A HEALTHCHECK.

    Attributes:
        file: the Dockerfile.
        place: the instruction.
        off: whether it is `HEALTHCHECK NONE`.
        flags: each flag by its name, with its value and its place.
        asks: the port that it asks of the container; None where that is not known.
        path: the path that it asks for; None where it speaks no HTTP.
    """

    file: str
    place: Place
    off: bool
    flags: Mapping[str, tuple[str, Place]]
    asks: int | None
    path: str | None


class Argument(Kept, frozen=True):
    """An ARG, `place` being its name.

    Attributes:
        default: whether it has one.
        read: the first instruction that reads it as if it were never empty, None where none does.
        keyword: of that instruction.
        stage: the number of its stage; None above the first FROM.
    """

    place: Place
    name: str
    default: bool
    read: Place | None
    keyword: str
    stage: int | None


class Undeclared(Kept, frozen=True):
    """A variable that an instruction reads and nothing above it declares."""

    place: Place
    name: str
    keyword: str


class Taken(Kept, frozen=True):
    """What COPY, ADD or a bind mount takes from the build context: where, and its path in it."""

    place: Place
    keyword: str
    path: str


class User(Kept, frozen=True):
    """The user of an image.

    Attributes:
        file: the Dockerfile that says so.
        place: USER's argument, else FROM's image.
        uid: its number; None where that is not known.
        gid: the number of its group; likewise.
        reason: why these numbers, or why none.
        name: the name, where USER gives one; empty for a number and where there is no USER.
        text: what USER, or FROM, says.
        inherited: whether no instruction of the file sets it.
    """

    file: str
    place: Place
    uid: int | None
    gid: int | None
    reason: str
    name: str
    text: str
    inherited: bool


class Exposed(Kept, frozen=True):
    """One word of EXPOSE; `ports` is None where a variable decides it or it is no port."""

    file: str
    place: Place
    ports: Ports | None


class Owned(Kept, frozen=True):
    """Files that a COPY or ADD brings, where to, and the number of their owner, if known.

    `owner` is the name that `--chown` gives, where the file does not tell its number; `is_tree`
    tells a folder that is copied to `/`, whose files may be those of the system.
    """

    file: str
    place: Place
    path: str | None
    uid: int | None
    owner: str
    is_tree: bool


class Target(Kept, frozen=True):
    """A stage as something to build: the image that it gives.

    Attributes:
        file: the Dockerfile.
        name: in lower case; empty where it has none.
        final: whether a build without `--target` gives it.
        base, base_place: the image that it starts from, as far as it is known, and where.
        user: the user in effect.
        exposed: what EXPOSE names, here and in the stages that it starts from.
        base_ports: the ports that its base image exposes; None where that is not known.
        healthcheck: its HEALTHCHECK; None where no instruction says anything of it.
        owned: what is copied into it.
        numbers: the variables of the image; of one that is no number None, it may be a secret.
        users: UID and GID of each user that is created in it.
        starts: the program that it starts; empty where that is not known.
        changed: where files are copied to, and the settings of the base's program, if RUN may
            change them.
        needs: the numbers of the stages that a build of it runs.
        place: its FROM.
    """

    file: str
    name: str
    final: bool
    base: str
    base_place: Place
    user: User
    exposed: tuple[Exposed, ...]
    base_ports: frozenset[int] | None
    healthcheck: Healthcheck | None
    owned: tuple[Owned, ...]
    numbers: Mapping[str, int | None]
    users: Mapping[str, tuple[int, int | None]]
    starts: str
    changed: tuple[str, ...]
    needs: frozenset[int]
    place: Place


class Dockerfile(Kept, frozen=True):
    """A Dockerfile; `targets` end with its last stage, `stages` has names and numbers of all."""

    file: str
    place: Place
    environment: str | None
    targets: tuple[Target, ...]
    stages: frozenset[str]
    arguments: tuple[Argument, ...]
    undeclared: tuple[Undeclared, ...]
    taken: tuple[Taken, ...]
