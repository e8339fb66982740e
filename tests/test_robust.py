"""Whatever is done to the fixtures, no check crashes and nothing is raised."""

import random

import pytest

from harness import FIXTURES
from kerp_policy.engine import check_file
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source

SEEDS = sorted(
    path for path in FIXTURES.rglob("*") if path.is_file() and path.name != "expected.yaml"
)
SCRAPS = [
    b"\n", b"  ", b"- ", b": ", b'"', b"'", b"{", b"[", b"${X}", b"{{", b"null", b"0", b"~", b"\\",
    b"<<EOF\n", b"$(", b"`", b"&a", b"*a", b"\xff", b"\t", b"|", b">", b"#", b"\x00", b"1e999",
]  # fmt: skip


def mutated(random_: random.Random, data: bytes) -> bytes:
    text = bytearray(data)
    for _ in range(random_.randint(1, 6)):
        at = random_.randrange(len(text) + 1)
        kind = random_.random()
        if kind < 0.3:
            del text[at : at + random_.randint(1, 20)]
        elif kind < 0.7:
            text[at:at] = random_.choice(SCRAPS)
        elif text:
            start = random_.randrange(len(text))
            text[at:at] = text[start : start + random_.randint(1, 40)]
    return bytes(text)


@pytest.mark.parametrize("seed", range(4))
def test_no_mutation_of_a_fixture_crashes_a_check(seed):
    random_ = random.Random(seed)
    context = Context(load_profile("thorough"))
    for _ in range(1500):
        path = random_.choice(SEEDS)
        data = mutated(random_, path.read_bytes())
        result = check_file(Source(path.name, data), context)
        assert result.crashes == [], data
