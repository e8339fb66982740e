"""What a change brings: both ends are judged, and what only the newer one has is told."""

import pytest

from cli import kerp_policy, write
from repository import API, BAD, BUDGET, GOOD, OTHER_BAD, TLS, Repository, change, older, told


def with_own(context):
    return API.replace("name: api\n", f"name: api\n          securityContext: {context}\n")


def run_as(user):
    return {"api.yaml": with_own(f"{{runAsUser: {user}}}")}


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


def test_before_the_first_commit_everything_staged_is_new(repository):
    repository.stage({"Dockerfile": BAD})
    outcome = change(repository, "--staged")
    assert (outcome.code, told(outcome)) == (1, [("Dockerfile", 3, TLS)])


def test_what_is_staged_is_judged_and_not_the_working_tree(repository):
    repository.commit({"Dockerfile": GOOD})
    repository.stage({"Dockerfile": BAD})
    write(repository.folder, {"Dockerfile": GOOD})
    assert told(change(repository, "--staged")) == [("Dockerfile", 3, TLS)]
    repository.stage({"Dockerfile": GOOD})
    write(repository.folder, {"Dockerfile": BAD, "new.Dockerfile": BAD})
    outcome = change(repository, "--staged")
    assert (outcome.code, told(outcome)) == (0, [])


def test_the_frame_shows_what_is_staged(repository):
    repository.stage({"Dockerfile": BAD})
    write(repository.folder, {"Dockerfile": "FROM scratch\nUSER 1001:1001\nRUN true\n"})
    assert (
        " 3 | RUN curl -k https://example.com"
        in kerp_policy("check", "--staged", "--select=image-tls", cwd=repository.folder).out
    )


def test_old_debt_in_a_file_that_changed_is_counted_and_not_told(repository):
    repository.commit({"Dockerfile": BAD})
    repository.stage({"Dockerfile": f"# moved down by a line\n{OTHER_BAD}"})
    outcome = change(repository, "--staged")
    assert told(outcome) == [("Dockerfile", 5, TLS)]
    assert older(outcome) == 1
    text = kerp_policy(
        "check", "--staged", "--select=image-tls", cwd=repository.folder, COLUMNS="100"
    ).out
    assert text.endswith("1 error, 0 warnings, 0 unverified, 1 older finding not shown\n")


def test_old_debt_alone_fails_nothing(repository):
    repository.commit({"Dockerfile": BAD})
    repository.stage({"Dockerfile": f"# a comment\n{BAD}"})
    outcome = change(repository, "--staged")
    assert (outcome.code, told(outcome), older(outcome)) == (0, [], 1)


def test_a_second_breach_of_one_identity_is_new(repository):
    privileged = with_own("{privileged: true}")
    repository.commit({"a.yaml": privileged})
    repository.stage({"b.yaml": privileged})
    outcome = change(repository, "--staged", select="privileged")
    assert (len(outcome.findings), older(outcome)) == (1, 1)
    elsewhere = change(repository, "--staged", "b.yaml", select="privileged")
    assert [finding["file"] for finding in elsewhere.findings] == ["b.yaml"]


def test_a_deleted_object_is_missed_where_it_was_needed(repository):
    repository.commit({"k8s/api.yaml": API, "k8s/budget.yaml": BUDGET})
    repository.git("rm", "--quiet", "k8s/budget.yaml")
    outcome = change(repository, "--staged", "--fail-on=warning", select="disruption-budget")
    message = "no PodDisruptionBudget of the project selects the pods of Deployment api"
    assert (outcome.code, told(outcome)) == (1, [("k8s/api.yaml", 3, message)])


def test_what_was_uncertain_and_now_fails_is_new(repository):
    repository.commit(run_as('"${UID}"'))
    repository.stage(run_as(0))
    [finding] = change(repository, "--staged", select="run-as-uid").findings
    assert (finding["verdict"], finding["file"]) == ("fail", "api.yaml")


def test_what_failed_and_now_is_uncertain_is_not_new(repository):
    repository.commit(run_as(0))
    repository.stage(run_as('"${UID}"'))
    outcome = change(repository, "--staged", "--strict", select="run-as-uid")
    assert (outcome.code, told(outcome)) == (0, [])
    repository.commit(run_as(1001))
    repository.stage(run_as('"${UID}"'))
    [finding] = change(repository, "--staged", "--strict", select="run-as-uid").findings
    assert finding["verdict"] == "unverified"


def test_a_file_that_moves_takes_its_debt_along_once(repository):
    repository.commit({"web/Dockerfile": BAD, "k8s/api.yaml": API})
    repository.git("mv", "web", "frontend")
    repository.git("mv", "k8s", "deployments")
    outcome = change(repository, "--staged", select="image-tls,disruption-budget")
    assert (outcome.code, told(outcome), older(outcome)) == (0, [], 2)
    repository.stage({"copy/Dockerfile": BAD})
    assert len(change(repository, "--staged").findings) == 1


def test_a_file_that_moves_and_changes_a_little_is_the_same_file(repository):
    repository.commit({"Dockerfile": BAD, "old/Dockerfile": OTHER_BAD})
    repository.git("mv", "Dockerfile", "web.Dockerfile")
    repository.git("mv", "old", "new")
    repository.stage({"web.Dockerfile": f"{BAD}RUN curl -k https://example.net\n"})
    outcome = change(repository, "--staged")
    assert (told(outcome), older(outcome)) == ([("web.Dockerfile", 4, TLS)], 3)


def test_a_broken_file_that_changes_is_told_since_it_was_not_judged(repository):
    repository.commit({"a.yaml": "a: [", "b.yaml": "b: ["})
    repository.stage({"a.yaml": "a: [  # and what not"})
    outcome = change(repository, "--staged", select="unreadable")
    assert (outcome.code, [finding["file"] for finding in outcome.findings]) == (1, ["a.yaml"])


def test_a_change_without_an_artifact_has_nothing_to_check(repository):
    repository.commit({"Dockerfile": BAD})
    repository.stage({"main.py": "pass"})
    outcome = kerp_policy("check", "--staged", cwd=repository.folder)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "nothing looked at: 0 errors, 0 warnings, 0 unverified\n"


def test_a_path_filters_what_is_told_and_not_what_is_known(repository):
    files = {"k8s/api.yaml": API, "k8s/budget.yaml": BUDGET, "Dockerfile": GOOD}
    repository.commit(files)
    repository.git("rm", "--quiet", "k8s/budget.yaml")
    repository.stage({"Dockerfile": BAD})
    both = "image-tls,disruption-budget"
    assert {f["file"] for f in change(repository, "--staged", select=both).findings} == {
        "Dockerfile",
        "k8s/api.yaml",
    }
    for path in ("k8s", "k8s/api.yaml"):
        only = change(repository, "--staged", path, select=both).findings
        assert [finding["policy"] for finding in only] == ["disruption-budget"]


def test_a_project_below_the_top_of_the_repository(repository):
    repository.commit({"app/.kerp-policy.yaml": "exclude: [old/]", "app/Dockerfile": GOOD})
    repository.stage({"app/Dockerfile": BAD, "app/old/Dockerfile": BAD, "Dockerfile": BAD})
    outcome = change(repository, "--staged", cwd="app")
    assert told(outcome) == [("Dockerfile", 3, TLS)]
    assert told(change(repository, "--staged", "app")) == [("Dockerfile", 3, TLS)]


def test_changed_since_judges_the_folder_against_the_revision_as_it_is(repository):
    first = repository.commit({"Dockerfile": BAD})
    repository.git("branch", "base")
    repository.commit({"Dockerfile": GOOD})
    write(repository.folder, {"new.Dockerfile": BAD})
    assert told(change(repository, "--changed-since", "HEAD")) == [("new.Dockerfile", 3, TLS)]
    write(repository.folder, {"Dockerfile": BAD})
    for ref in (first, "base", "HEAD~1"):
        assert told(change(repository, "--changed-since", ref)) == [("new.Dockerfile", 3, TLS)]
    staged = change(repository, "--changed-since", "base", "--staged")
    assert (told(staged), older(staged)) == ([], 0)
