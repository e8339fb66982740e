"""An audit on a Dask cluster: a real scheduler and workers on loopback, which die or are others."""

import os
import subprocess
import sys
from functools import partial

import pytest
from msgspec.structs import replace

from cli import kerp_policy, write
from clusters import PATIENCE, Cluster, until
from harness import ROOT
from kerp_policy.audit import cluster as clusters
from kerp_policy.audit.cluster import Seal, judge_alike
from kerp_policy.audit.judge import Options, Repository, judge_repository
from kerp_policy.audit.run import audit
from kerp_policy.audit.standard import shared_standard
from kerp_policy.errors import UsageError
from kerp_policy.policy.model import this_day
from repository import BAD, GOOD
from repository import Repository as Git

pytest.importorskip("distributed", reason="Dask is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

NAMES = [f"service-{number}" for number in range(6)]
OPTIONS = Options(this_day())


@pytest.fixture(name="estate")
def _estate(tmp_path):
    """Repositories in git, every other of which breaks a rule."""
    for number, name in enumerate(NAMES):
        Git(tmp_path / name).stage({"Dockerfile": BAD if number % 2 else GOOD})
    return tmp_path


@pytest.fixture(name="started")
def _started(tmp_path):
    """Starts a cluster of so many workers."""
    members = []

    def start(workers):
        members.append(Cluster(tmp_path / "cluster", workers))
        return members[-1]

    yield start
    for member in members:
        member.close()


def begun(estate, cluster, *arguments):
    """An audit under way on a cluster, by the program that the cluster runs."""
    command = [sys.executable, "-m", "kerp_policy", "audit", *NAMES, "gone", *arguments]
    return subprocess.Popen(
        [*command, "--scheduler", cluster.address],
        cwd=estate,
        env={**os.environ, "PYTHONPATH": str(cluster.program)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_worker_killed_in_the_middle_changes_no_byte(estate, started):
    own = ("--format", "json", "--no-cache")
    cluster = started(2)
    alone = (*own, "--processes", "1")
    program = str(cluster.program)
    here = kerp_policy("audit", *NAMES, "gone", *alone, cwd=estate, PYTHONPATH=program)
    run = begun(estate, cluster, *own)
    until(lambda: len(cluster.busy()) == 2)
    victim = cluster.workers[0]
    assert victim.pid in cluster.busy()
    victim.kill()
    victim.wait()
    cluster.let_go()
    out, err = run.communicate(timeout=PATIENCE)
    assert b"Traceback" not in err
    assert (out.decode(), run.returncode) == (here.out, here.code)
    assert len(here.report["repositories"]) == len(NAMES) + 1


def test_when_all_workers_are_gone_the_rest_is_judged_here(estate, started, monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", 5)
    monkeypatch.setattr(clusters, "_PACE", 1)
    repositories = [Repository(name, str(estate / name)) for name in NAMES]
    expected = audit(repositories, partial(judge_repository, options=OPTIONS))
    members = started(1)
    seal = members.seal()
    judge = partial(judge_alike, options=OPTIONS, seal=seal)
    monkeypatch.setattr(clusters, "own_seal", lambda: seal)
    with clusters.cluster(members.address, seal) as executor:
        submit = executor.submit

        def submit_and_kill(*arguments):
            future = submit(*arguments)
            until(members.busy)
            members.workers[0].kill()
            return future

        executor.submit = submit_and_kill
        assert audit(repositories, judge, executor) == expected


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"version": "9.9"}, "runs kerp-policy 0.1.0; expected 9.9 as here"),
        ({"content": "x"}, "runs another build of kerp-policy 0.1.0"),
    ],
)
def test_whoever_runs_another_program_is_refused(changed, says, estate, started):
    members = started(1)
    members.let_go()
    seal = members.seal()
    other = replace(seal, **changed)
    at_once = clusters.cluster(members.address, other)
    with pytest.raises(UsageError, match=f"^the scheduler {says}"), at_once:
        pass
    judge = partial(judge_alike, options=OPTIONS, seal=other)
    repositories = [Repository(name, str(estate / name)) for name in NAMES]
    later = pytest.raises(UsageError, match=f"^a worker {says}")
    with clusters.cluster(members.address, seal) as executor, later:
        audit(repositories, judge, executor)


def test_workers_judge_by_the_standard_of_the_one_who_asks(estate, started):
    rules = "title: House\ninclude: {policies: [image-user]}\n"
    files = {".kerp-policy.yaml": "profile: house\npolicies: [rules]\n"}
    house = write(estate / "house", {**files, "rules/profiles/house.yaml": rules})
    members = started(1)
    members.let_go()
    words = ("--format", "json", "--no-cache", "--standard", "house")
    program = str(members.program)
    here = kerp_policy("audit", *NAMES, "gone", *words, cwd=estate, PYTHONPATH=program)
    run = begun(estate, members, *words)
    out, err = run.communicate(timeout=PATIENCE)
    assert (out.decode(), run.returncode) == (here.out, here.code), err
    assert {one["profile"] for one in here.report["repositories"]} == {"house", ""}
    standard, seal = shared_standard(house), members.seal()
    told = pytest.raises(UsageError, match=r"^the worker .*house: does not hold the same files")
    other = replace(standard, seal="other")
    with told, clusters.cluster(members.address, seal, other):
        pass
    judge = partial(judge_alike, options=replace(OPTIONS, standard=other), seal=seal)
    repositories = [Repository(name, str(estate / name)) for name in NAMES]
    later = pytest.raises(UsageError, match="house: does not hold the same files")
    with clusters.cluster(members.address, seal, standard) as executor, later:
        audit(repositories, judge, executor)


def test_a_worker_without_the_program_is_refused():
    with pytest.raises(UsageError, match="the worker x cannot run kerp-policy 1; install the same"):
        clusters._refuse_unlike("the worker x", ModuleNotFoundError("kerp_policy"), Seal("1", "a"))


@pytest.mark.parametrize("address", ["here", "tcp://here", "http://here:1", "tcp://x:99999", ""])
def test_what_is_no_address_is_refused(address, estate):
    done = kerp_policy("audit", "service-0", "--scheduler", address, cwd=estate)
    assert done.code == 2
    assert f"--scheduler {address}: is no address; expected tcp://HOST:PORT" in done.err


def test_a_cluster_that_is_not_there_is_told(estate, started, monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", 2)
    members = started(0)
    connected = partial(clusters.cluster, members.address, Seal("1", "a"))
    with pytest.raises(UsageError, match="has no worker"), connected():
        pass
    members.close()
    with pytest.raises(UsageError, match="cannot be reached"), connected():
        pass


def test_a_run_without_a_scheduler_does_without_dask(estate):
    code = (
        "import sys; sys.modules['distributed'] = None\n"
        "from kerp_policy.cli import main; main(prog_name='kerp-policy')"
    )
    command = [sys.executable, "-c", code, "audit", "service-0"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=estate, env=environment, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    command += ["--scheduler", "tcp://127.0.0.1:1"]
    done = subprocess.run(command, cwd=estate, env=environment, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"--scheduler needs Dask: pip install 'kerp-policy[dask]'" in done.stderr
