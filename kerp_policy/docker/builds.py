"""Which commands build a program, and which images are there to build in.

Each entry is from the manual of the tool that it names.
"""

from __future__ import annotations

from collections.abc import Sequence

from kerp_policy.regex import regex

_TASKS: dict[str, frozenset[str]] = {
    "go": frozenset({"build", "install"}),
    "cargo": frozenset({"build", "install"}),
    "dotnet": frozenset({"build", "publish"}),
    "mvn": frozenset({"compile", "package", "verify", "install", "deploy"}),
    "gradle": frozenset({"assemble", "bootJar", "build", "installDist", "jar", "shadowJar", "war"}),
    "make": frozenset({"all", "build", "compile", "install", "release"}),
    "cmake": frozenset({"--build"}),
    "ng": frozenset({"build"}),
    "next": frozenset({"build"}),
    "vite": frozenset({"build"}),
    "swift": frozenset({"build"}),
    "mix": frozenset({"compile", "release"}),
}
_ALIASES = {"mvnw": "mvn", "gradlew": "gradle", "gmake": "make"}
_ALONE = frozenset({"make", "tsc", "webpack", "rollup", "esbuild", "gcc", "g++", "javac"})
"""Programs that build without being told a task."""
_NODE = frozenset({"npm", "yarn", "pnpm"})
_RUNNERS = frozenset({"npx", "pnpx", "bunx"})
_GLOBAL = frozenset({"-g", "--global", "global"})
_WITHOUT_DEVELOPMENT = regex(
    r"--omit[= ]?dev|--only[= ]?prod(?:uction)?|--prod(?:uction)?(?:=true)?|-P|--omit=dev,.*"
)

_TOOLCHAINS = frozenset({"golang", "rust", "maven", "gradle", "gcc"})
_DOTNET_SDK = regex(r"mcr\.microsoft\.com/dotnet/(?:\w+/)?sdk")


def build_step(words: Sequence[str]) -> str:
    """The program and the task with which a command builds, as `go build`; empty if it does not.

    Args:
        words: the program and its arguments, without wrappers.
    """
    program = words[0].rpartition("/")[2] if words else ""
    program = _ALIASES.get(program, program)
    arguments = words[1:]
    if program in _RUNNERS:
        return build_step([word for word in arguments if not word.startswith("-")])
    if program in _NODE:
        return _node_step(program, arguments)
    if "--version" in arguments or "--help" in arguments:
        return ""
    task = next((word for word in arguments if word in _TASKS.get(program, ())), None)
    if task:
        return f"{program} {task}"
    plain = [word for word in arguments if not word.startswith("-") and "=" not in word]
    return program if program in _ALONE and (program != "make" or not plain) else ""


def _node_step(program: str, arguments: Sequence[str]) -> str:
    plain = [word for word in arguments if not word.startswith("-")]
    if plain[:2] == ["run", "build"] or plain[:1] == ["build"]:
        return f"{program} {' '.join(plain[: 1 + (plain[0] == 'run')])}"
    return ""


def installs_development(words: Sequence[str]) -> str:
    """`npm ci` and its like where they bring what only a build needs; else empty.

    `NODE_ENV=production`, which has the same effect, is the caller's to know.
    """
    program = words[0].rpartition("/")[2] if words else ""
    arguments = words[1:]
    plain = [word for word in arguments if not word.startswith("-")]
    if program not in _NODE or plain not in (["ci"], ["install"], ["i"]):
        return ""
    if _GLOBAL.intersection(arguments) or any(map(_WITHOUT_DEVELOPMENT.fullmatch, arguments)):
        return ""
    return f"{program} {plain[0]}"


def is_toolchain(image: str) -> bool:
    """Whether an image is one to build in, by its reference."""
    name = image.partition("@")[0]
    head, _, tag = name.rpartition(":") if ":" in name.rpartition("/")[2] else (name, "", "")
    head = head.removeprefix("docker.io/").removeprefix("library/")
    return (head in _TOOLCHAINS and "jre" not in tag) or bool(_DOTNET_SDK.fullmatch(head))
