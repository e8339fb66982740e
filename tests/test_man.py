"""The manual page says what the command line says, and roff reads it as it is meant."""

import shutil
import subprocess
import sys

import click
import pytest

from harness import ROOT
from kerp_policy import __version__
from kerp_policy.cli import main

sys.path.append(str(ROOT / "scripts"))
from build_man import page, roff


def rendered(source):
    """What a reader sees, without styles; a warning of roff fails."""
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    command = ["groff", "-Kutf8", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=200n"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=True)
    assert not done.stderr.decode()
    return done.stdout.decode()


def test_every_command_and_option_is_on_the_page():
    text = rendered(page(main, "kerp-policy", __version__))
    assert f"kerp-policy {__version__}" in text
    for name, command in main.commands.items():
        assert f"\n   {name} " in text
        for option in (p for p in command.params if isinstance(p, click.Option)):
            assert all(spelling in text for spelling in option.opts), option.name


@pytest.mark.parametrize(
    "text",
    [
        r"back\slash \fBand\fR \n(.H",
        ".TH at the start",
        "'quoted' and \"quoted\"",
        "--fail-on",
        "a^b ~/.cache `tick`",
        "§ 한글",
    ],
)
def test_what_is_written_is_what_is_read(text):
    shown = rendered(f".TH T 1\n.SH NAME\nx\n.PP\n{roff(text)}\n")
    assert f"       {text}\n" in shown


def test_hidden_commands_stay_hidden():
    group = click.Group("program", help="Does things.")
    group.add_command(click.Command("seen", help="Seen."))
    group.add_command(click.Command("unseen", help="Unseen.", hidden=True))
    text = page(group, "program", "1")
    assert "Seen." in text
    assert "Unseen." not in text
