"""Who a stage runs as, and whom its files belong to."""

from __future__ import annotations

import pytest
from msgspec.structs import astuple

from kerp_policy.artifacts.dockerfile import (
    EffectiveUser,
    effective_user,
    follow_accounts,
    ownership,
    read,
    stage_graph,
)
from kerp_policy.artifacts.dockerfile.options import parse_options
from kerp_policy.docker.bases import find_base
from kerp_policy.sources.source import Source


def user_of(text: str) -> EffectiveUser:
    graph = stage_graph(read(Source("Dockerfile", text.encode())))
    assert graph.final
    return effective_user(graph.final, follow_accounts(graph)[graph.final.index])


ADDUSER = "adduser -u 1001 -S kerp -G kerp"


@pytest.mark.parametrize(
    ("text", "uid", "gid"),
    [
        (f"FROM alpine\nRUN addgroup -g 1001 -S kerp && \\\n    {ADDUSER}\nUSER kerp", 1001, 1001),
        (
            f"FROM alpine\nRUN <<EOF\naddgroup -Sg1001 kerp\n{ADDUSER}\nEOF\nUSER kerp:kerp",
            1001,
            1001,
        ),
        ("FROM alpine\nRUN adduser -D -u 1001 kerp\nUSER kerp", 1001, 1001),
        ("FROM alpine\nRUN adduser -Su 1001 kerp\nUSER kerp", 1001, 65533),
        ("FROM alpine\nRUN adduser -Su1001 kerp\nUSER 1001", 1001, 65533),
        ("FROM x\nRUN adduser -Su1001 kerp\nUSER kerp", 1001, None),
        ("FROM alpine\nRUN adduser -D kerp\nUSER kerp", None, None),
        ("FROM debian\nRUN useradd -u 1001 kerp\nUSER kerp", 1001, None),
        (
            "FROM debian\nRUN groupadd -g 1001 k && useradd -rm --uid=1001 -g k kerp\nUSER kerp",
            1001,
            1001,
        ),
        ("FROM debian\nRUN sudo useradd -u 1001 -g 0 kerp\nUSER kerp", 1001, 0),
        ("FROM debian\nRUN adduser --system --group --uid 1001 kerp\nUSER kerp", 1001, 1001),
        ("FROM debian\nRUN adduser --system --uid 1001 kerp\nUSER kerp", 1001, 65534),
        ('FROM debian\nRUN adduser --uid 1001 --gecos "" kerp\nUSER kerp', 1001, None),
        ("FROM alpine\nRUN adduser -Su 1001 kerp && adduser kerp wheel\nUSER kerp", 1001, 65533),
        ("FROM alpine\nARG UID=1001\nRUN adduser -D -u ${UID} kerp\nUSER kerp", 1001, 1001),
        ("FROM alpine\nARG UID\nRUN adduser -D -u ${UID} kerp\nUSER kerp", None, None),
        ("FROM alpine\nARG UID=5\nRUN UID=1001; adduser -D -u ${UID} kerp\nUSER kerp", None, None),
        ("FROM alpine\nRUN adduser -D -u $(id -u) kerp\nUSER kerp", None, None),
        (
            "FROM node:20\nRUN groupmod -g 1001 node && usermod -u 1001 -g 1001 node\nUSER node",
            1001,
            1001,
        ),
        ("FROM node:20\nRUN usermod -l kerp node\nUSER kerp", 1000, 1000),
        ("FROM node:20\nRUN userdel -r node\nUSER 1000", 1000, 0),
        ("FROM node:20\nUSER 1000", 1000, 1000),
        ("FROM node:${V}\nUSER node", 1000, 1000),
        ("FROM scratch\nRUN echo 'k:x:1001:1002::/:' >> /etc/passwd\nUSER k", 1001, 1002),
        ("FROM debian\nRUN sed -i s/a/b/ /etc/passwd\nUSER 1001", 1001, None),
        ("FROM debian\nRUN chmod g=u /etc/passwd\nUSER 1001", 1001, 0),
        ("FROM debian\nUSER 1001", 1001, 0),
        ("FROM debian\nUSER 1001:1001", 1001, 1001),
        ("FROM debian\nUSER 500", 500, None),
        ("FROM ubuntu:24.04\nUSER 1000", 1000, None),
        ("FROM x\nUSER 1001", 1001, None),
        ("FROM x\nUSER 0", 0, 0),
        ("FROM x\nUSER 00:00", 0, 0),
        ("FROM x\nUSER root", 0, 0),
        ("FROM x\nUSER kerp", None, None),
        ("FROM x\nUSER 99999999999", None, None),
        ("FROM scratch\nENV U=\nUSER $U", 0, 0),
        ("ARG U=root\nFROM debian\nARG U\nUSER $U", 0, 0),
        ("FROM debian\nENV APP_UID=0\nUSER ${APP_UID}", 0, 0),
        ("FROM debian\nARG U\nUSER $U", None, None),
        ("FROM debian\nRUN ./setup.sh\nUSER 1001", 1001, None),
        ("FROM debian\nRUN curl x | sh\nUSER 1001", 1001, None),
        ("FROM debian\nRUN sh -c 'useradd -u 1001 -g 1001 k'\nUSER k", 1001, 1001),
        ("FROM debian\nRUN useradd kerp\nUSER 1001", 1001, None),
        ("FROM debian\nCOPY passwd /etc/passwd\nUSER 1001", 1001, None),
        ("FROM debian\nCOPY --from=x / /\nUSER 1001", 1001, None),
        ("FROM debian\nCOPY app.jar /\nUSER 1001", 1001, 0),
        ("FROM debian\nCOPY a.conf /etc/\nUSER 1001", 1001, 0),
        (
            "FROM alpine AS b\nRUN adduser -Du 1001 k\n"
            "FROM scratch\nCOPY --from=b /etc/passwd /etc/\nUSER k",
            1001,
            1001,
        ),
        ("FROM alpine AS b\nRUN adduser -Du 1001 k\nUSER k\nFROM b", 1001, 1001),
        ("FROM alpine AS b\nRUN adduser -Du 1001 k\nFROM b\nUSER k", 1001, 1001),
        ("FROM alpine AS b\nUSER 1001:1001\nFROM alpine", 0, 0),
        ("FROM nginx:alpine", 0, 0),
        ("FROM x", None, None),
    ],
)
def test_effective_user(text: str, uid: int | None, gid: int | None) -> None:
    found = user_of(text + "\n")
    assert (found.uid, found.gid) == (uid, gid), found.reason


@pytest.mark.parametrize(
    ("text", "span", "reason"),
    [
        (
            "FROM nginx:alpine@sha256:0\n",
            (1, 6, 1, 27),
            "there is no USER, and nginx:alpine runs as root",
        ),
        ("FROM debian AS a\nFROM a\n", (2, 6, 2, 7), "there is no USER, and debian runs as root"),
        ("FROM x\n", (1, 6, 1, 7), "there is no USER, and nothing is known of the user of x"),
        (
            "FROM alpine\nRUN a && \\\n adduser -Du 1001 k\nUSER k\n",
            (4, 6, 4, 7),
            "k is UID 1001 (created on line 3) and GID 1001",
        ),
        ("FROM x\nUSER k:k\n", (2, 6, 2, 9), "no RUN of this stage creates the user k"),
        (
            "FROM debian\nUSER 1001\n",
            (2, 6, 2, 10),
            "UID 1001 has no entry in /etc/passwd, so its GID is 0",
        ),
        (
            "FROM debian\nRUN useradd -u 1001 k\nUSER 1001\n",
            (3, 6, 3, 10),
            "k is UID 1001 (created on line 2), and its GID is not known",
        ),
        ("FROM debian\nARG U\nUSER ${U}\n", (3, 6, 3, 10), "the value of $U is not known"),
    ],
)
def test_place_and_reason(text: str, span: tuple[int, ...], reason: str) -> None:
    found = user_of(text)
    assert (astuple(found.span), found.reason) == (span, reason)


@pytest.mark.parametrize(
    ("image", "user"),
    [
        ("alpine", (0, 0)),
        ("docker.io/library/alpine:3.19", (0, 0)),
        ("docker.io/nginxinc/nginx-unprivileged:1.27", (101, 101)),
        ("gcr.io/distroless/static-debian12:nonroot", (65532, 65532)),
        ("gcr.io/distroless/base:debug-nonroot@sha256:0", (65532, 65532)),
        ("gcr.io/distroless/static", (0, 0)),
        ("gcr.io/distroless/static@sha256:0", None),
        ("gcr.io/distroless/static:$T", None),
        ("registry.access.redhat.com/ubi9/ubi-minimal:9.4", (0, 0)),
        ("registry.access.redhat.com/ubi9/python-311", None),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", (0, 0)),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled", None),
        ("bitnami/redis:7", (1001, 0)),
        ("registry:5000/alpine", None),
        ("mycompany/nginx", None),
    ],
)
def test_bases(image: str, user: tuple[int, int] | None) -> None:
    base = find_base(image)
    assert (base.user if base else None) == user


def test_options() -> None:
    found = parse_options(
        ["-Su", "1", "--gid=2", "name", "-xu5", "--", "-y", None], {"u": "uid", "gid": "gid"}
    )
    assert found.values == {"uid": "5", "gid": "2"}
    assert found.flags == {"S", "x"}
    assert found.names == ["name", "-y", None]


def owned(text: str) -> list[tuple[str | None, int | None, int | None, int]]:
    graph = stage_graph(read(Source("Dockerfile", text.encode())))
    assert graph.final
    found = ownership(graph.final, graph, follow_accounts(graph))
    return [(item.path, item.uid, item.gid, item.span.line) for item in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nUSER 1001\nCOPY x /x\n", [("/x", 0, 0, 3)]),
        ("FROM a\nWORKDIR /app\nCOPY x y ./\n", [("/app", 0, 0, 3)]),
        ("FROM a\nCOPY x y\n", [(None, 0, 0, 2)]),
        ("FROM a\nCOPY --chown=1001:1002 x /x\n", [("/x", 1001, 1002, 2)]),
        ("FROM a\nCOPY --chown=1001 x /x\n", [("/x", 1001, 1001, 2)]),
        ("FROM alpine\nRUN adduser -Du 1001 k\nCOPY --chown=k:k x /x\n", [("/x", 1001, 1001, 3)]),
        ("FROM a\nCOPY --chown=k x /x\n", [("/x", None, None, 2)]),
        ("FROM a\nARG U\nCOPY --chown=$U x /x\n", [("/x", None, None, 3)]),
        ("FROM a\nCOPY x /app/x\nRUN chown -R 1:2 /app\n", [("/app/x", 1, 2, 3)]),
        ("FROM a\nRUN chown -R 1:2 /app\nCOPY x /app/x\n", [("/app/x", 0, 0, 3)]),
        ("FROM a\nCOPY x /app/x\nRUN chown -R 1:2 /srv\n", [("/app/x", 0, 0, 2)]),
        ("FROM a\nCOPY x /app/x\nRUN chown -R 1 /app\n", [("/app/x", 1, 0, 3)]),
        ("FROM a\nCOPY x /app/x\nRUN chown -R :2 /app\n", [("/app/x", 0, 2, 3)]),
        ("FROM a\nCOPY x /app\nRUN chown 1:2 /app\n", [("/app", None, None, 3)]),
        ("FROM a\nCOPY x /app\nRUN chown -R 1:2 /app/*\n", [("/app", None, None, 3)]),
        ("FROM a\nCOPY x /app\nRUN find / | xargs chown 1:2\n", [("/app", None, None, 3)]),
        ("FROM a\nWORKDIR /w\nCOPY x .\nRUN chown -R 1:2 .\n", [("/w", 1, 2, 4)]),
        ("FROM a\nWORKDIR /w\nCOPY x .\nRUN cd / && chown -R 1:2 .\n", [("/w", None, None, 4)]),
        ("FROM a\nADD x.tar.gz /x\n", [("/x", None, None, 2)]),
        ("FROM debian AS b\nFROM a\nCOPY --from=b x /x\n", [("/x", 0, 0, 3)]),
        ("FROM debian AS b\nUSER 1\nFROM a\nCOPY --from=b x /x\n", [("/x", None, None, 4)]),
        ("FROM a\nCOPY --from=other x /x\n", [("/x", None, None, 2)]),
        ("FROM a AS b\nCOPY x /x\nFROM b\nRUN chown -R 1:2 /x\n", [("/x", 1, 2, 4)]),
    ],
)
def test_ownership(
    text: str, expected: list[tuple[str | None, int | None, int | None, int]]
) -> None:
    assert owned(text) == expected
