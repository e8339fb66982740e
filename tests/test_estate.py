"""The estate: indexes that give what asking everything would give, units, and what settles."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cli import kerp_policy, write
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.labels import same_namespace
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import Finding, Place, Related, Verdict
from kerp_policy.kubernetes.labels import selects
from kerp_policy.order import one_for_each_cause
from kerp_policy.sources.source import START

PLACE = Place(START, "x")
NAMESPACES = st.sampled_from([None, "a", "b", "${NAMESPACE}"])
LABELS = st.dictionaries(
    st.sampled_from(["app", "tier", "${KEY}"]),
    st.sampled_from(["api", "web", "${APP}", 1]),
    max_size=3,
)
EXPRESSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["app", "tier"]),
            "operator": st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
            "values": st.lists(st.sampled_from(["api", "web"]), max_size=2),
        }
    ),
    max_size=2,
)
SELECTORS = st.none() | st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": EXPRESSIONS}
)


def workload(namespace, labels):
    return Workload("f", PLACE, None, "Deployment", "n", namespace, labels, None, PLACE)


@given(st.lists(st.tuples(NAMESPACES, LABELS), max_size=8), SELECTORS, NAMESPACES)
def test_the_index_selects_what_asking_every_workload_selects(things, selector, namespace):
    workloads = [workload(*thing) for thing in things]
    found = {
        id(w): answer for w, answer in Estate(workloads).selected(Workload, selector, namespace)
    }
    for each in workloads:
        answers = (selects(selector, each.labels), same_namespace(each.namespace, namespace))
        expected = False if False in answers else (None if None in answers else True)
        assert found.get(id(each), False) is expected


def test_what_a_fact_means_is_worked_out_once_for_each_fact_and_question():
    asked = []

    def namespace_of(estate, each):
        asked.append(each.namespace)
        return each.namespace

    def name_of(estate, each):
        return each.name

    estate = Estate()
    api = workload("a", {})
    web = replace(workload("b", {}), place=Place(START, "y"))
    found = [estate.once(namespace_of, each) for each in (api, web, api, web)]
    assert found == ["a", "b", "a", "b"]
    assert asked == ["a", "b"]
    assert estate.once(name_of, api) == "n"


def finding(policy, address, *, severity="error", because=(), related=()):
    place = Place(START, address)
    return Finding(
        policy, severity, Verdict.FAIL, f"{policy} is broken", "h", "f", place,
        related=related, consequence_of=because,
    )  # fmt: skip


def test_a_consequence_becomes_a_related_place_of_its_cause():
    cause = finding("labels", "Deployment/-/api:metadata.labels")
    consequence = finding("spread", "Deployment/-/api:spec.x", because=("labels",))
    other = finding("spread", "Deployment/-/web:spec.x", because=("labels",))
    [told, left] = one_for_each_cause([consequence, cause, other])
    assert told.policy == "labels"
    assert told.related == (
        Related("f", Place(START, "Deployment/-/api:spec.x"), "so spread: spread is broken"),
    )
    assert left is other


def test_a_consequence_stays_where_its_cause_is_milder():
    cause = finding("labels", "Deployment/-/api:metadata", severity="warning")
    consequence = finding("spread", "Deployment/-/api:spec.x", because=("labels",))
    assert one_for_each_cause([cause, consequence]) == [cause, consequence]


def test_a_cause_in_another_file_is_found_by_the_place_that_the_consequence_names():
    cause = finding("image-user", "Dockerfile#stage[-1].USER")
    seen = Related("Dockerfile", Place(START, "Dockerfile#stage[-1].USER"), "root")
    consequence = finding("user", "Pod/-/api:spec", because=("image-user",), related=(seen,))
    assert [f.policy for f in one_for_each_cause([cause, consequence])] == ["image-user"]


def test_externals_are_held_to_their_schema(tmp_path):
    write(tmp_path, {".kerp-policy.yaml": "externals:\n  - name: ServiceAccount/a/b\n"})
    outcome = kerp_policy("check", cwd=tmp_path)
    assert outcome.code == 2
    assert '.kerp-policy.yaml:2:5: required field "reason" is missing' in outcome.err
