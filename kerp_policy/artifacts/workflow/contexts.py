"""Which contexts and functions an expression may use, by where it stands.

Source: GitHub documentation, "Contexts reference", section "Context availability", and "Evaluate
expressions in workflows and actions", section "Functions".
"""

from __future__ import annotations

from kerp_policy.paths import Path
from kerp_policy.words import word_set

ALL = word_set("github env vars job jobs steps runner secrets strategy matrix needs inputs")
PROPERTIES = {
    "github": word_set(
        "action action_path action_ref action_repository action_status actor actor_id api_url"
        " base_ref env event event_name event_path graphql_url head_ref job job_workflow_sha output"
        " path ref ref_name ref_protected ref_type repository repository_id repository_owner"
        " repository_owner_id repositoryurl retention_days run_attempt run_id run_number"
        " secret_source server_url sha state step_summary token triggering_actor workflow"
        " workflow_ref workflow_sha workspace"
    ),
    "runner": word_set("arch debug environment name os temp tool_cache workspace"),
    "strategy": word_set("fail-fast job-index job-total max-parallel"),
}
"""What a context holds; GitHub adds to it, so only what looks like a slip is one."""
FUNCTIONS = {
    "contains": (2, 2),
    "startswith": (2, 2),
    "endswith": (2, 2),
    "format": (1, 255),
    "join": (1, 2),
    "tojson": (1, 1),
    "fromjson": (1, 1),
    "hashfiles": (1, 255),
    "case": (3, 255),
    "success": (0, 255),
    "failure": (0, 255),
    "always": (0, 0),
    "cancelled": (0, 0),
}
"""By function, how few and how many arguments it takes."""
SPELLED = {
    "startswith": "startsWith",
    "endswith": "endsWith",
    "tojson": "toJSON",
    "fromjson": "fromJSON",
    "hashfiles": "hashFiles",
}
STATUS_FUNCTIONS = word_set("always cancelled failure success")

_OUTER = word_set("github inputs vars")
_JOB = _OUTER | word_set("needs strategy matrix")
_RUNNING = _JOB | word_set("job runner env")
_STEP = _RUNNING | word_set("secrets steps")

_COMPOSITE = _STEP - word_set("needs secrets vars")
_NONE = frozenset[str]()

_WORKFLOW: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (
    (("name",), _NONE),
    (("defaults",), _NONE),
    (("run-name",), _OUTER),
    (("concurrency",), _OUTER),
    (("env",), _OUTER | {"secrets"}),
    (("on", "workflow_call", "inputs"), _OUTER),
    (("on", "workflow_call", "outputs"), _OUTER | {"jobs"}),
    (("on",), _NONE),
    (("jobs", "*", "uses"), _NONE),
    (("jobs", "*", "if"), _OUTER | {"needs"}),
    (("jobs", "*", "concurrency"), _JOB),
    (("jobs", "*", "continue-on-error"), _JOB),
    (("jobs", "*", "defaults", "run"), _JOB | {"env"}),
    (("jobs", "*", "env"), _JOB | {"secrets"}),
    (("jobs", "*", "environment", "url"), _RUNNING | {"steps"}),
    (("jobs", "*", "environment"), _JOB),
    (("jobs", "*", "name"), _JOB),
    (("jobs", "*", "outputs"), _STEP),
    (("jobs", "*", "runs-on"), _JOB),
    (("jobs", "*", "secrets"), _JOB | {"secrets"}),
    (("jobs", "*", "with"), _JOB),
    (("jobs", "*", "strategy"), _OUTER | {"needs"}),
    (("jobs", "*", "timeout-minutes"), _JOB),
    (("jobs", "*", "container", "credentials"), _JOB | word_set("env secrets")),
    (("jobs", "*", "container", "env"), _STEP - {"steps"}),
    (("jobs", "*", "container"), _JOB),
    (("jobs", "*", "services", "*", "credentials"), _JOB | word_set("env secrets")),
    (("jobs", "*", "services", "*", "env"), _STEP - {"steps"}),
    (("jobs", "*", "services"), _JOB),
    (("jobs", "*", "steps", "*", "uses"), _NONE),
    (("jobs", "*", "steps", "*", "if"), _STEP - {"secrets"}),
    (("jobs", "*", "steps", "*"), _STEP),
    (("runs",), _COMPOSITE),
    (("outputs",), _COMPOSITE),
)
"""By the beginning of a path (`*` is any step), the first that fits."""


def contexts_at(path: Path) -> frozenset[str] | None:
    """The contexts that may be used in the value at a path; None where nothing is documented."""
    for pattern, contexts in _WORKFLOW:
        if len(path) >= len(pattern) and all(
            wanted in ("*", step) for wanted, step in zip(pattern, path, strict=False)
        ):
            return contexts
    return None


def can_hash(path: Path) -> bool:
    """Whether `hashFiles` may be asked in the value at a path: files are there for steps only."""
    return path[:1] == ("runs",) or (path[:1] == ("jobs",) and path[2:3] == ("steps",))
