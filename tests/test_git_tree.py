"""What git holds is read as the folder would be, and no program of the repository is started."""

import subprocess
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import write
from kerp_policy.errors import UsageError
from kerp_policy.sources import tree as tree_module
from kerp_policy.sources.git import Entry, Git
from kerp_policy.sources.history import written_on
from kerp_policy.sources.read import read_source
from kerp_policy.sources.source import Problem, Source
from kerp_policy.sources.tree import GitTree, WorkingTree
from repository import BAD, Repository, change, told


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


def everything(folder, exclude=()):
    """What the index, the last commit and the folder say of every file, which must agree."""
    with Git(folder) as git:
        trees = (
            GitTree(folder, git, git.index(), exclude),
            GitTree(folder, git, git.head(), exclude),
            WorkingTree(folder, exclude),
        )
        index, head, lying = ({path: tree.read(path) for path in tree.files()} for tree in trees)
    assert index == head == lying
    return index


def test_what_lies_in_the_folder_too_is_read_there_and_nothing_else_is(repository):
    files = {f"{name}.yaml": f"a: {name}\n" for name in ("same", "edited", "link", "gone", "crlf")}
    repository.commit(files)
    folder, by_git = repository.folder, []
    write(folder, {"edited.yaml": "a: EDITED\n", "crlf.yaml": "a: crlf\r\n"})
    (folder / "gone.yaml").unlink()
    (folder / "link.yaml").unlink()
    (folder / "link.yaml").symlink_to("same.yaml")
    with Git(folder) as git:
        content = git.content
        git.content = lambda oid: by_git.append(content(oid)) or by_git[-1]
        tree = GitTree(folder, git, git.head(), folder=WorkingTree(folder))
        read = {path: tree.read(path) for path in tree.files()}
    assert read == {path: Source(path, text.encode()) for path, text in files.items()}
    assert sorted(by_git) == sorted(t.encode() for p, t in files.items() if p != "same.yaml")


def test_a_name_of_git_that_is_no_hash_of_the_content_is_asked_of_git(tmp_path):
    folder = write(tmp_path, {"a.yaml": "a: 1\n"})
    entries = {"a.yaml": Entry("100644", "0" * 40)}
    tree = GitTree(folder, Contents({"0" * 40: b"a: 2\n"}), entries, folder=WorkingTree(folder))
    assert tree.read("a.yaml") == Source("a.yaml", b"a: 2\n")


def test_a_file_is_read_once(tmp_path):
    tree = WorkingTree(write(tmp_path, {"a.yaml": "a: 1\n"}))
    assert tree.read("a.yaml") == Source("a.yaml", b"a: 1\n")
    write(tmp_path, {"a.yaml": "a: 2\n"})
    assert tree.read("a.yaml") == Source("a.yaml", b"a: 1\n")


def message(read):
    return read.message if isinstance(read, Problem) else read


def test_contents_are_read_as_they_are(repository):
    files = {"a.yaml": b"", "b/c.yaml": b"\r\n\0\xff", "d.sh": b"x" * 100_000, "e": b"no line end"}
    repository.commit(files)
    assert everything(repository.folder) == {path: Source(path, files[path]) for path in files}
    assert list(everything(repository.folder, ["b/", "*.sh"])) == ["a.yaml", "e"]


def test_links_are_read_where_they_lead_if_that_is_in_the_project(repository):
    (repository.folder / "down").mkdir()
    links = {
        "in.yaml": "a.yaml",
        "down/in.yaml": "../a.yaml",
        "down/round.yaml": "../down/../a.yaml",
        "twice.yaml": "down/in.yaml",
        "folder.yaml": "down",
        "root.yaml": ".",
        "there": "down",
        "by.yaml": "there/in.yaml",
        "loop.yaml": "loop.yaml",
        "nowhere.yaml": "missing.yaml",
        "out.yaml": "../outside.yaml",
        "down/out.yaml": "../../outside.yaml",
        "absolute.yaml": "/etc/hostname",
        "away": "..",
        "by-away.yaml": "away/outside.yaml",
    }
    (repository.folder.parent / "outside.yaml").write_text("a: 1")
    for path, target in links.items():
        (repository.folder / path).symlink_to(target)
    repository.commit({"a.yaml": "a: 1"})
    read = everything(repository.folder)
    told = {path: message(read[path]) for path in links}
    nowhere = "is a symbolic link that leads nowhere"
    out = "is a symbolic link out of the project; it is not followed"
    inside = [
        *("in.yaml", "down/in.yaml", "down/round.yaml", "twice.yaml", "folder.yaml"),
        *("root.yaml", "there", "by.yaml"),
    ]
    assert told == {
        **dict.fromkeys(inside),
        "loop.yaml": nowhere,
        "nowhere.yaml": nowhere,
        **dict.fromkeys(["out.yaml", "down/out.yaml", "absolute.yaml"], out),
        **dict.fromkeys(["away", "by-away.yaml"], out),
    }


def blob(repository, content):
    done = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"],
        cwd=repository.folder,
        input=content,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def staged(repository, mode, path, oid):
    repository.git("update-index", "--add", "--cacheinfo", f"{mode},{oid},{path}")
    with Git(repository.folder) as git:
        return message(GitTree(repository.folder, git, git.index()).read(path))


@pytest.mark.parametrize("target", [b"", b"x" * 5000, b"a/" * 2000 + b"../" * 3000])
def test_a_link_that_no_system_would_follow_leads_out(repository, target):
    read = staged(repository, "120000", "a.yaml", blob(repository, target))
    assert read == "is a symbolic link out of the project; it is not followed"


def test_a_circle_of_links_ends(repository):
    for i in range(50):
        staged(repository, "120000", f"l{i}", blob(repository, f"l{(i + 1) % 50}/x/y".encode()))
    read = staged(repository, "120000", "a.yaml", blob(repository, b"l0"))
    assert read == "is a symbolic link that leads nowhere"


def test_a_submodule_is_no_file(tmp_path, repository):
    other = Repository(tmp_path / "other")
    commit = other.commit({"a.yaml": "a: 1"})
    assert staged(repository, "160000", "sub.yaml", commit) == "is no regular file"
    assert staged(repository, "120000", "to.yaml", blob(repository, b"sub.yaml/a.yaml")) is None


def test_a_file_of_20_mb_is_refused_by_its_size(repository):
    repository.commit({"big.yaml": b"a: b\n" * 4_000_000})
    read = everything(repository.folder)
    assert message(read["big.yaml"]) == "has 19 MiB; files over 10 MiB are not read"


def test_names_that_are_odd(repository):
    names = ["a\nb.yaml", "a\tb.yaml", '"q".yaml', "-x.yaml", "*.yaml", "공장.yaml"]
    try:
        Path(repository.folder, b"caf\xe9.yaml".decode("utf-8", "surrogateescape")).write_text("")
        names.append("caf\udce9.yaml")
    except OSError:
        pass
    repository.commit(dict.fromkeys(names[:6], "a: 1"))
    assert sorted(everything(repository.folder)) == sorted(names)


def test_a_damaged_repository_is_told(repository):
    repository.commit({"a.yaml": "a: 1"})
    oid = repository.git("rev-parse", "HEAD:a.yaml").strip()
    loose = repository.folder / ".git/objects" / oid[:2] / oid[2:]
    loose.chmod(0o644)
    loose.write_bytes(loose.read_bytes()[:-4])
    with Git(repository.folder) as git, pytest.raises(UsageError, match=r"git fsck|not in this"):
        GitTree(repository.folder, git, git.head()).read("a.yaml")


def test_replaced_objects_hide_nothing(repository):
    repository.commit({"a.yaml": "a: 1"})
    oid = repository.git("rev-parse", "HEAD:a.yaml").strip()
    repository.git("replace", oid, blob(repository, b"a: 2"))
    assert everything(repository.folder)["a.yaml"] == Source("a.yaml", b"a: 1")


TRAPS = {
    "core.fsmonitor": "{trap}",
    "core.pager": "{trap}",
    "pager.ls-files": "{trap}",
    "pager.cat-file": "{trap}",
    "core.hooksPath": "{folder}",
    "core.sshCommand": "{trap}",
    "core.gitProxy": "{trap}",
    "core.askPass": "{trap}",
    "core.editor": "{trap}",
    "core.alternateRefsCommand": "{trap}",
    "diff.external": "{trap}",
    "diff.evil.command": "{trap}",
    "diff.evil.textconv": "{trap}",
    "filter.evil.clean": "{trap}",
    "filter.evil.smudge": "{trap}",
    "filter.evil.process": "{trap}",
    "merge.evil.driver": "{trap}",
    "gpg.program": "{trap}",
    "credential.helper": "!{trap}",
    "alias.ls-files": "!{trap}",
    "alias.cat-file": "!{trap}",
    "uploadpack.packObjectsHook": "{trap}",
}
HOOKS = ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman")


def trapped(repository, trap):
    """A repository whose configuration names a program wherever git may start one."""
    repository.commit({"a.yaml": "a: 1", ".gitattributes": "* diff=evil filter=evil merge=evil\n"})
    folder = repository.folder / ".git/hooks"
    for name, value in TRAPS.items():
        repository.git("config", name, value.format(trap=trap, folder=folder), check=False)
    for name in HOOKS:
        repository.hook(name, str(trap))
    (repository.folder / "a.yaml").write_text("a: 2")


@pytest.fixture
def hostile_environment(tmp_path, monkeypatch):
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_EDITOR"):
        monkeypatch.setenv(name, str(tmp_path / "trap.sh"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(tmp_path / "trap.sh"))


@pytest.mark.usefixtures("hostile_environment")
def test_no_program_of_the_repository_is_started(tmp_path, repository):
    trap, ran = tmp_path / "trap.sh", tmp_path / "ran"
    trap.write_text(f"#!/bin/sh\necho \"$0 $@\" >>'{ran}'\ncat\n")
    trap.chmod(0o755)
    trapped(repository, trap)
    ran.unlink(missing_ok=True)
    with Git(repository.folder) as git:
        for entries in (git.index(), git.head(), git.revision("HEAD")):
            tree = GitTree(repository.folder, git, entries)
            assert tree.read("a.yaml") == Source("a.yaml", b"a: 1")
        assert written_on(git, repository.folder, "a.yaml", 1) is None
    assert WorkingTree(repository.folder).files() == [".gitattributes", "a.yaml"]
    assert not ran.exists(), ran.read_text()
    repository.git("status", check=False)
    assert ran.exists(), "the trap itself must work"


def test_a_line_is_as_old_as_its_commit_wherever_it_has_moved(repository):
    for day, text in (("2026-01-02", "a: 1\n"), ("2026-03-04", "b: 2\na: 1\n")):
        repository.stage({"below/c.yaml": text})
        moment = f"{day}T12:00:00Z"
        repository.git("commit", "--message=x", GIT_COMMITTER_DATE=moment, GIT_AUTHOR_DATE=moment)
    (repository.folder / "below/c.yaml").write_text("new: 3\nb: 2\na: 1\n")
    with Git(repository.folder) as git:
        days = [written_on(git, repository.folder, "below/c.yaml", line) for line in (1, 2, 3, 9)]
        assert written_on(git, repository.folder, "d.yaml", 1) is None
    assert days == [None, date(2026, 3, 4), date(2026, 1, 2), None]
    with Git(repository.folder / "below") as git:
        assert written_on(git, repository.folder / "below", "c.yaml", 3) == date(2026, 1, 2)


class Contents:
    """Contents by name, as git gives them."""

    def __init__(self, contents):
        self.contents = contents

    def size(self, oid):
        return len(self.contents[oid])

    def content(self, oid):
        return self.contents[oid]


steps = st.sampled_from(["a", "b", "l.yaml", "m", ".", "..", ""])
links = st.dictionaries(
    st.sampled_from(["l.yaml", "m", "a/l.yaml", "a/m", "a/b/l.yaml"]),
    st.lists(steps, min_size=1, max_size=5).map("/".join).filter(lambda t: t.strip("/")),
    min_size=1,
)


@given(links)
def test_links_lead_where_a_file_system_follows_them(links):
    files = {"a/f.yaml": "", "a/b/g.yaml": "", "b/h.yaml": ""}
    with TemporaryDirectory() as name:
        root = Path(name, "project")
        for path in files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).touch()
        for path, target in links.items():
            (root / path).symlink_to(target.lstrip("/"))
        contents = {target.lstrip("/"): target.lstrip("/").encode() for target in links.values()}
        entries = {path: Entry("100644", "") for path in files}
        entries |= {path: Entry("120000", target.lstrip("/")) for path, target in links.items()}
        tree = GitTree(root, Contents({**contents, "": b""}), entries)
        for path in links:
            # A link out of the project may lead nowhere there, which git cannot know.
            assert (tree.read(path) is None) == (read_source(root, path) is None)


def test_a_list_that_was_begun_ahead_is_the_list_and_is_used_once(repository):
    repository.commit({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    tree = WorkingTree(repository.folder, ["b.yaml"])
    tree.list_ahead()
    assert tree.files() == ["a.yaml"]
    write(repository.folder, {"c.yaml": "c: 1\n"})
    assert tree.files() == ["a.yaml", "c.yaml"]


def test_what_keeps_a_list_from_being_made_ahead_is_told_when_it_is_asked_for(monkeypatch, capfd):
    def fail(root):
        raise UsageError(f"{root.name}: cannot be read")

    monkeypatch.setattr(tree_module, "list_files", fail)
    tree = WorkingTree(Path("p"))
    tree.list_ahead()
    with pytest.raises(UsageError, match="p: cannot be read"):
        tree.files()
    assert capfd.readouterr() == ("", "")


def test_a_link_alone_may_have_the_name_of_an_artifact(tmp_path):
    """What it leads to is judged nowhere else."""
    repository = Repository(tmp_path / "p")
    write(repository.folder, {"docker/prod": BAD, "docker/Dockerfile": BAD, "docker/all/x": ""})
    for link, target in (("Dockerfile", "docker/prod"), ("Dockerfile.again", "docker/Dockerfile"),
                         ("Dockerfile.folder", "docker/all")):  # fmt: skip
        (repository.folder / link).symlink_to(target)
    repository.stage({})
    for option in ((), ("--staged",)):
        assert [file for file, *_ in told(change(repository, *option))] == [
            "Dockerfile",
            "docker/Dockerfile",
        ]
