"""What counts as new between two runs, and which files are old ones under another name."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.changes import keep_new
from kerp_policy.findings import Finding, Place, Suppression, Verdict
from kerp_policy.older import older_of
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Profile
from kerp_policy.sources.moves import moves
from kerp_policy.sources.source import Source, Span

FILES = ("a.yaml", "b.yaml")
PROFILE = Profile("none", "no standard", {}, (), ())


def finding(policy="p", line=1, *, verdict=Verdict.FAIL, file="a.yaml", address="A", **more):
    place = Place(Span(line, 1, line, 2), address)
    return Finding(policy, "error", verdict, "is wrong", "mend it", file, place, **more)


def compared(before, after, wanted=FILES):
    old, new = Run(PROFILE, findings=list(before)), Run(PROFILE, findings=list(after))
    keep_new(older_of(old), new, wanted)
    return new


findings = st.lists(
    st.builds(
        finding,
        policy=st.sampled_from("pq"),
        line=st.integers(1, 9),
        verdict=st.sampled_from([Verdict.FAIL, Verdict.UNVERIFIED]),
        file=st.sampled_from(FILES),
        address=st.sampled_from("AB"),
    ),
    unique=True,
    max_size=12,
)


def identities(many):
    return Counter((f.policy, f.place.address) for f in many if f.verdict is Verdict.FAIL)


@given(findings, findings)
def test_new_failures_are_those_that_are_more_than_before(before, after):
    new = compared(before, after)
    assert identities(new.findings) == identities(after) - identities(before)
    assert new.older == identities(after).total() - identities(new.findings).total()


@given(findings, st.randoms())
def test_the_order_of_findings_and_their_lines_change_nothing(before, random):
    after = [finding(f.policy, f.place.span.line + 5, verdict=f.verdict, file=f.file,
                     address=f.place.address) for f in before]  # fmt: skip
    random.shuffle(after)
    assert compared(before, after).findings == []


def test_a_waiver_that_goes_makes_its_finding_new():
    waived = finding(suppression=Suppression("waiver", "because"))
    assert compared([waived], [finding()]).findings == [finding()]
    assert compared([finding()], [waived]).findings == [waived]


def test_a_new_consequence_of_an_old_cause_is_told():
    cause, consequence = finding("cause"), finding("so", 2, consequence_of=("cause",))
    [told] = compared([cause], [cause, consequence]).findings
    assert told.policy == "so"
    [told] = compared([], [cause, consequence]).findings
    assert (told.policy, len(told.related)) == ("cause", 1)
    assert compared([cause, consequence], [consequence]).findings == []


def test_a_consequence_is_told_where_its_cause_was_not_asked_for():
    cause = finding("cause", file="b.yaml")
    consequence = finding("so", consequence_of=("cause",))
    assert compared([], [cause, consequence], ["a.yaml"]).findings == [consequence]
    [told] = compared([], [cause, consequence], ["a.yaml", "b.yaml"]).findings
    assert told.policy == "cause"


def test_what_several_containers_inherit_is_one_thing_at_both_ends():
    assert compared([finding()], [finding(), finding()]).findings == []


def sources(**texts):
    named = {name.replace("_", "/"): text.encode() for name, text in texts.items()}
    return {f"{path}.yaml": Source(f"{path}.yaml", data) for path, data in named.items()}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (sources(a="x"), sources(b="x"), {"b.yaml": "a.yaml"}),
        (sources(a="x"), sources(a="x", b="x"), {}),
        (sources(a="x"), sources(b="x", c="x"), {"b.yaml": "a.yaml"}),
        (sources(a="1\n2\n3"), sources(b="1\n2\n4"), {"b.yaml": "a.yaml"}),
        (sources(a="1\n2\n3"), sources(b="1\n4\n5"), {}),
        (
            sources(a="1\n2\n3\n4", c="1\n2\n3"),
            sources(b="1\n2\n3\n4\n5", d="1\n2\n3\n"),
            {"b.yaml": "a.yaml", "d.yaml": "c.yaml"},
        ),
        ({"a.sh": Source("a.sh", b"x\ny")}, sources(b="x\nz"), {}),
        ({"a.sh": Source("a.sh", b"x")}, sources(b="x"), {"b.yaml": "a.sh"}),
    ],
)
def test_files_that_moved(before, after, expected):
    assert moves(before, after) == expected
