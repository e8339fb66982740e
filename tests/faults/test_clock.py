"""The clock says which day it is, and nothing else."""

import pytest

from cli import kerp_policy, write
from repository import GOOD, OTHER_BAD

WAIVED = OTHER_BAD.replace(
    "RUN", '# kerp-policy: allow image-tls until=2027-03-01 reason="a vendor image"\nRUN', 1
)
BOTH = [("image-tls", "waived"), ("image-tls", "open")]
OPEN = [("image-tls", "open"), ("image-tls", "open")]


def judged(folder, epoch):
    outcome = kerp_policy(
        *("check", "--format", "json", "--select", "image-tls,waiver-valid"),
        cwd=folder,
        SOURCE_DATE_EPOCH=epoch,
    )
    told = [(f["policy"], f["status"]) for f in outcome.findings if f["policy"] == "image-tls"]
    return outcome.code, told


@pytest.mark.parametrize(
    ("clock", "epoch", "expected"),
    [
        ("right", "1795392000", BOTH),
        ("the last second of the last day, in UTC", "1803945599", BOTH),
        ("the first second after it", "1803945600", OPEN),
        ("half a year before, and a day", "1788220799", OPEN),
        ("1970", "0", OPEN),
        ("before 1970", "-86400", OPEN),
        ("2038", "2147483648", OPEN),
        ("the last day that there is", "253402300799", OPEN),
    ],
)
def test_a_clock_that_is_wrong_decides_on_waivers_alone(tmp_path, clock, epoch, expected):
    assert judged(write(tmp_path, {"Dockerfile": WAIVED}), epoch) == (1, expected), clock


@pytest.mark.parametrize("epoch", ["253402300800", "9" * 40, "tomorrow", "1e9", "\u0661\u0662x"])
def test_a_day_that_cannot_be_is_told(tmp_path, epoch):
    folder = write(tmp_path, {"Dockerfile": GOOD})
    outcome = kerp_policy("check", cwd=folder, SOURCE_DATE_EPOCH=epoch)
    assert outcome.code == 2
    assert outcome.err.startswith("kerp-policy: SOURCE_DATE_EPOCH is '")
    assert outcome.err.endswith("; expected the seconds since 1970\n")
