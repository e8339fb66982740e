"""No report shows a secret, wherever in an artifact of whatever kind it stands."""

import pytest
from outputs import Output, outputs
from planting import repository
from secret_places import with_secrets, without_secrets

PLANTED = with_secrets()


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict[str, Output]:
    """Everything that is printed of a change that brings secrets everywhere."""
    folder = tmp_path_factory.mktemp("secrets") / "project"
    repository(folder, without_secrets(), PLANTED.files)
    return outputs(folder)


@pytest.mark.parametrize("secret", PLANTED.secrets, ids=["token", "word", "word64", "token64"])
def test_no_secret_in_any_output(printed: dict[str, Output], secret: str) -> None:
    shown = {
        name: [line for line in output.out.splitlines() if secret in line or secret[4:20] in line]
        for name, output in printed.items()
    }
    assert {name: lines[:3] for name, lines in shown.items() if lines} == {}
    assert not any(secret in output.err for output in printed.values())


def test_the_secrets_are_found(printed: dict[str, Output]) -> None:
    for file in PLANTED.files:
        assert any(data in PLANTED.files[file] for data in map(str.encode, PLANTED.secrets)), file
    for policy in ("env-secret", "configmap-secret", "image-secret", "script-secret"):
        assert policy in printed["json"].out
