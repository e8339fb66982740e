"""An audit by the standard of an organisation: what decides, and what a repository may say."""

import json

import jsonschema
import pytest
from msgspec.structs import replace

from cli import kerp_policy, write
from kerp_policy.audit.standard import SharedStandard, config_of, shared_standard
from kerp_policy.errors import UsageError
from kerp_policy.policy.validate import schema

BAD = "FROM scratch\nUSER 1001:1001\nRUN curl -k https://example.com\n"
HOUSE = {
    "house/.kerp-policy.yaml": "profile: house\npolicies: [rules]\nfail-on: warning\n",
    "house/rules/profiles/house.yaml": (
        "title: House rules\ninclude: {policies: [image-tls, declared-service-account]}\n"
        "environments: {lab: {paths: [lab/**]}}\n"
        "policies: {image-tls: {severity: warning}}\nclauses: {h-1: Nothing of ours.}\n"
    ),
    "house/rules/profiles/strict.yaml": (
        "title: Strict\ninclude: {policies: [image-tls, image-user]}\n"
    ),
}
LAX = {
    ".kerp-policy.yaml": "profile: lax\npolicies: [rules]\nfail-on: error\n",
    "rules/profiles/lax.yaml": (
        "title: Lax\ninclude: {policies: [image-healthcheck]}\n"
        "policies: {image-healthcheck: {severity: info}}\n"
    ),
    "Dockerfile": BAD,
}


@pytest.fixture(name="estate")
def _estate(tmp_path):
    """A standard of the house, a repository with one of its own, and one without."""
    write(tmp_path / "lax", LAX)
    write(tmp_path / "plain", {"Dockerfile": BAD})
    return write(tmp_path, HOUSE)


def audited(estate, *words, **environment):
    """The JSON of an audit by the standard of the house, and its repositories by name."""
    arguments = ("audit", "--standard", "house", "--format", "json", *words)
    done = kerp_policy(*arguments, cwd=estate, **environment)
    jsonschema.validate(done.report, schema("audit"))
    return done, {one["repository"]: one for one in done.report["repositories"]}


def test_a_repository_that_chooses_less_is_held_to_the_same(estate):
    assert kerp_policy("audit", "lax", cwd=estate).code == 0
    done, told = audited(estate, "lax", "plain")
    assert done.code == 1
    assert done.report["standard"] == "house"
    for one in told.values():
        assert (one["profile"], one["fails"]) == ("house", True)
        assert [(p["policy"], p["severity"]) for p in one["policies"]] == [("image-tls", "warning")]


def test_each_report_tells_which_standard_has_judged(estate):
    write(estate, {"lax/Dockerfile": "FROM scratch\n"})
    for form in ("text", "markdown", "html"):
        done = kerp_policy("audit", "lax", "--standard", "house", "--format", form, cwd=estate)
        assert "House rules" in done.out
        assert "to the standard of house" in done.out
    done = kerp_policy("audit", "lax", "plain", cwd=estate)
    assert "\nheld to K-ERP deployment" in done.out
    assert "Lax (lax): 1" in done.out.replace("\n", " ")


def test_profile_environment_and_severity_of_the_command_line_go_before(estate):
    _done, told = audited(estate, "plain", "--profile", "strict", "--fail-on", "error")
    assert told["plain"]["profile"] == "strict"
    assert audited(estate, "plain", "--environment", "lab")[0].code == 1


def test_what_a_repository_takes_away_is_counted(estate):
    own = (
        "exclude: [vendor/]\nexternals: [{name: ServiceAccount/*, reason: Terraform}]\n"
        "waivers: [{policy: image-tls, file: Dockerfile, reason: x, until: 2027-01-31}]\n"
    )
    files = {".kerp-policy.yaml": own, "vendor/Dockerfile": BAD, "vendor/README": "x\n"}
    write(estate / "plain", files)
    done, told = audited(estate, "plain", SOURCE_DATE_EPOCH="1795392000")
    assert done.code == 0
    plain = told["plain"]
    assert (plain["excluded"], plain["externals"], plain["findings"]["waived"]) == (1, 1, 1)
    for form in ("text", "markdown", "html"):
        done = kerp_policy("audit", "plain", "--standard", "house", "--format", form, cwd=estate)
        assert "by its own configuration: 1 file left out, 1 external" in " ".join(done.out.split())


def test_a_repository_that_leaves_out_everything_is_not_judged(estate):
    write(estate / "plain", {".kerp-policy.yaml": "exclude: [Dockerfile]\n", "README": "x\n"})
    done, told = audited(estate, "plain")
    assert done.code == 2
    why = "its own configuration leaves out all that there is to check"
    assert told["plain"]["problems"] == [why]


def test_what_the_folder_of_the_standard_says_of_itself_is_said_of_no_other(estate):
    own = HOUSE["house/.kerp-policy.yaml"] + (
        "exclude: [Dockerfile]\n"
        "waivers: [{policy: image-tls, file: '**', reason: x, until: 2027-01-31}]\n"
    )
    write(estate, {"house/.kerp-policy.yaml": own})
    _done, told = audited(estate, "plain", SOURCE_DATE_EPOCH="1795392000")
    assert told["plain"]["findings"]["warnings"] == 1
    assert (told["plain"]["excluded"], told["plain"]["findings"]["waived"]) == (0, 0)


def test_what_the_organisation_knows_to_live_elsewhere_counts_everywhere(estate):
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {serviceAccountName: kept}\n"
    other = pod.replace("kept", "told")
    write(estate / "plain", {"a.yaml": pod, "b.yaml": other.replace("name: a", "name: b")})
    by = "externals: [{name: ServiceAccount/*/%s, reason: x}]\n"
    _done, before = audited(estate, "plain")
    write(estate, {"house/.kerp-policy.yaml": HOUSE["house/.kerp-policy.yaml"] + by % "kept"})
    _done, shared = audited(estate, "plain")
    write(estate / "plain", {".kerp-policy.yaml": by % "told"})
    _done, both = audited(estate, "plain")
    counts = [one["plain"]["findings"]["unverified"] for one in (before, shared, both)]
    assert counts == [2, 1, 0]


def test_a_waiver_of_a_policy_that_only_the_repository_has_is_no_mistake(estate):
    rule = (
        "title: Ours\nseverity: error\ntopics: [ours]\neach: image\n"
        "require: {user: {const: x}}\nwhy: Because.\nhow: So.\n"
    )
    waived = '# kerp-policy: allow our-rule until=2027-01-31 reason="x"\n'
    house = HOUSE["house/rules/profiles/house.yaml"].replace(
        "[image-tls", "[waiver-valid, image-tls"
    )
    write(estate, {"house/rules/profiles/house.yaml": house})
    files = {"rules/dockerfile/our-rule.yaml": rule, "Dockerfile": waived + BAD}
    write(estate / "lax", files)
    write(estate / "plain", {"Dockerfile": waived + BAD})
    _done, told = audited(estate, "lax", "plain", SOURCE_DATE_EPOCH="1795392000")
    found = {name: [p["policy"] for p in one["policies"]] for name, one in told.items()}
    assert found == {"lax": ["image-tls"], "plain": ["image-tls", "waiver-valid"]}


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_the_bytes_are_the_same_whoever_judges(form, estate):
    words = ("audit", "lax", "plain", "gone", "--standard", "house", "--format", form)
    outs = {kerp_policy(*words, "--processes", n, cwd=estate).out for n in "124"}
    assert len(outs) == 1
    assert "image-tls" in outs.pop()


@pytest.mark.parametrize(
    ("files", "words", "says"),
    [
        ({}, ("--standard", "nowhere"), "nowhere: there is no such folder"),
        ({}, ("--standard", "plain"), "plain: has no .kerp-policy.yaml, nor a table in pyproject"),
        ({"house/.kerp-policy.yaml": "profle: x\n"}, (), 'unknown field "profle"; did you mean'),
        ({"house/rules/docker/x.yaml": "title: x\n"}, (), "x.yaml:1:1: "),
        ({}, ("--profile", "hous"), "'hous', which does not exist; did you mean house?"),
        ({}, ("--environment", "lap"), "'lap', which does not exist; did you mean lab?"),
    ],
)
def test_a_standard_that_cannot_judge_is_told_before_any_is_judged(files, words, says, estate):
    write(estate, files)
    done = kerp_policy("audit", "plain", "--standard", "house", *words, cwd=estate)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_a_folder_that_holds_other_files_than_where_the_audit_began_is_refused(estate):
    standard = shared_standard(estate / "house")
    assert config_of(standard).profile == "house"
    for other in (replace(standard, seal="x"), SharedStandard(str(estate / "gone"), standard.seal)):
        with pytest.raises(UsageError, match="does not hold the same files as where"):
            config_of(other)
    (estate / "house/rules/profiles/strict.yaml").unlink()
    assert shared_standard(estate / "house").seal != standard.seal


def test_a_table_of_a_project_will_do(estate):
    table = '[tool.kerp-policy]\nprofile = "strict"\npolicies = ["rules"]\n'
    (estate / "house/.kerp-policy.yaml").unlink()
    write(estate, {"house/pyproject.toml": table})
    done, told = audited(estate, "plain")
    assert (done.code, told["plain"]["profile"]) == (1, "strict")
    assert json.loads(done.out)["standard"] == "house"
