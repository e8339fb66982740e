"""What a change would be judged by is told without the tokens that it holds."""

import string
from random import Random

import pytest

from cli import kerp_policy, write
from kerp_policy.secrets.validators import base62_crc32
from repository import Repository

BODY = "".join(Random(7).choices(string.ascii_letters + string.digits, k=30))
TOKEN = f"ghp_{BODY}{base62_crc32(BODY)}"
FORMATS = ("text", "json", "html", "markdown", "github", "sarif")


def judged(repository, *options):
    return kerp_policy("check", "--trust", "HEAD", *options, cwd=repository.folder)


@pytest.mark.parametrize("form", FORMATS)
def test_a_setting_that_holds_a_token_is_told_without_it(tmp_path, form):
    repository = Repository(tmp_path / "r")
    before = f"exclude: [a, old/{TOKEN}]\n"
    repository.commit({".kerp-policy.yaml": before, "k8s/pod.yaml": "kind: Pod\n"})
    write(repository.folder, {".kerp-policy.yaml": f"exclude: [a, {TOKEN}]\n"})
    outcome = judged(repository, "--format", form)
    assert TOKEN not in outcome.out + outcome.err
    told = outcome.out.replace("\\", "")  # Markdown escapes
    assert "exclude: ghp_***" in told
    assert "exclude: without old/ghp_***" in told


def test_a_mistake_that_quotes_a_token_is_told_without_it(tmp_path):
    repository = Repository(tmp_path / "r")
    repository.commit({".kerp-policy.yaml": "", "k8s/pod.yaml": "kind: Pod\n"})
    write(repository.folder, {".kerp-policy.yaml": f"profile: {TOKEN}\n"})
    outcome = judged(repository)
    assert outcome.code == 2
    assert TOKEN not in outcome.out + outcome.err
    assert "ghp_***" in outcome.err
