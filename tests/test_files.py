"""Files are written whole or not at all."""

import os
import threading
from pathlib import Path

import pytest

from kerp_policy.files import goes_through_link, write_whole


def test_a_new_file_and_one_that_is_there_with_its_permissions(tmp_path):
    file = tmp_path / "a"
    write_whole(file, b"one")
    file.chmod(0o640)
    write_whole(file, b"two")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"two", 0o640)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_link_is_followed(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "a")
    write_whole(tmp_path / "link", b"one")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_pipe_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"one")
    reader.join()
    assert read == [b"one"]
    assert pipe.is_fifo()


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    file = tmp_path / "a"
    file.write_bytes(b"one")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(file, b"two")
    assert file.read_bytes() == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_of_a_few_is_never_seen_by_more(tmp_path, monkeypatch):
    file, seen = tmp_path / "a", []
    file.touch(0o600)
    replace = Path.replace

    def look(draft, target):
        seen.append(draft.stat().st_mode & 0o777)
        return replace(draft, target)

    monkeypatch.setattr("pathlib.Path.replace", look)
    monkeypatch.setattr("shutil.copymode", lambda *_: None)
    write_whole(file, b"two")
    assert seen == [0o600]


def test_a_draft_is_a_file_of_its_own_whatever_lies_there(tmp_path, monkeypatch):
    monkeypatch.setattr("os.urandom", lambda _: b"\0")
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / ".kerp-policy-00.draft").symlink_to(elsewhere)
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "a", b"one")
    assert not elsewhere.exists()


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("project/a", False),
        ("project/new/a", False),
        ("project/link", True),
        ("project/inside", True),
        ("project/out/a", True),
        ("project/out/../a", False),
        ("other/a", False),
        ("project-link/a", False),
        ("project-link/out/a", True),
    ],
)
def test_a_link_of_a_project_is_told_from_one_that_leads_to_it(tmp_path, path, leads):
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "project-link").symlink_to(project)
    (project / "out").symlink_to(tmp_path / "other")
    (project / "link").symlink_to(tmp_path / "other/b")
    (project / "inside").symlink_to(project / "c")
    assert goes_through_link(project, tmp_path / path) is leads
