"""No key ends up in a repository, an image or a package by accident: what is made says so, and git is asked first."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import qfl
from qfl.cli import main
from qfl.errors import KeyFolderError
from qfl.security import membership
from qfl.security.outside_git import require_uncommitted

ROOT = Path(qfl.__file__).parent.parent
NEW = ["--algorithm", "ML-DSA-44"]


def git(folder, *words):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    return subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository that ignores what ours ignores, and the working directory."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=first")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def committed(repository):
    """Return what git would commit."""
    git(repository, "add", "--all")
    return git(repository, "diff", "--cached", "--name-only").split()


def test_the_commands_of_the_readme_work_in_a_checkout_and_git_takes_none_of_it(repository):
    assert main(["keys", "new", "keys", "--clients", "2", *NEW]) == 0
    assert main(["deploy", "init", "fleet", "--clients", "2", *NEW]) == 0
    assert committed(repository) == []


@pytest.mark.parametrize(
    "words",
    [
        ["keys", "new", "mine", "--clients", "2", *NEW],
        ["keys", "new", "mine", "--client", "2", "--invitation", "00" * 32, *NEW],
        ["deploy", "init", "radio", "--clients", "2", *NEW],
        ["deploy", "init", "radio", "--clients", "2", "--tokens", *NEW],
    ],
)
def test_where_git_would_commit_keys_none_are_written_unless_that_is_said(repository, capsys, words):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert f"in the repository {repository}: git would commit them" in error and "--in-git" in error
    assert error.count("\n") == 1 and not (repository / words[2]).exists()
    assert main([*words, "--in-git"]) == 0
    assert committed(repository) == []  # even then: the folder itself says that nothing of it is to be committed


def test_a_clients_next_key_and_its_first_are_asked_about_as_well(repository, capsys):
    membership_folder = repository.parent / f"{repository.name}-elsewhere"
    assert main(["deploy", "init", str(membership_folder), "--clients", "1", "--tokens", "--in-git", *NEW]) == 0
    home = repository / "home"
    (membership_folder / "nodes" / "0").rename(home)
    (home / ".gitignore").unlink()
    token = membership.invite(membership_folder / "authority" / "keys", 0).hex()
    capsys.readouterr()
    assert main(["deploy", "join", "home", "--token", token]) == 2
    assert "--in-git" in capsys.readouterr().err and not list(home.rglob("*.key"))
    assert main(["deploy", "join", "home", "--token", token, "--in-git"]) == 0
    assert main(["keys", "rotate", "home/state", "0", "--from-round", "3"]) == 2
    assert "--in-git" in capsys.readouterr().err


def test_a_folder_whose_files_git_tracks_is_refused_though_it_is_ignored(repository):
    (repository / "keys").mkdir()
    (repository / "keys" / "server.key").write_text("old")
    git(repository, "add", "--force", "keys/server.key")
    (repository / "keys" / "server.key").unlink()
    with pytest.raises(KeyFolderError, match="git tracks files in it"):
        require_uncommitted(repository / "keys")
    require_uncommitted(repository / "keys", allowed=True)


def test_links_and_a_missing_git_change_nothing(repository, tmp_path_factory, monkeypatch):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "link").symlink_to(repository, target_is_directory=True)
    with pytest.raises(KeyFolderError, match="git would commit them"):
        require_uncommitted(outside / "link" / "deep" / "mine")
    require_uncommitted(outside / "link" / "keys")
    require_uncommitted(outside / "mine")
    monkeypatch.setenv("PATH", str(outside))
    with pytest.raises(KeyFolderError, match="--in-git"):
        require_uncommitted(repository / "keys")  # whether it is ignored cannot be asked


def test_the_keys_of_a_run_are_taken_by_nobody(repository):
    from qfl.security import keystore

    keystore.new(repository / "elsewhere" / "run" / "keys", "ML-DSA-44", 2)
    assert committed(repository) == []


def ignored(path: str) -> bool:
    """Tell whether a container build leaves a path out, by the rules of `.dockerignore`: the last match decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, parts = line.removeprefix("!"), path.split("/")
            heads = ["/".join(parts[: k + 1]) for k in range(len(parts))]
            anywhere = pattern.removeprefix("**/")
            found = (
                any(Path(head).match(anywhere) for head in heads) if "**/" in pattern else pattern in ("*", parts[0])
            )
            out = (not line.startswith("!")) if found else out
    return out


def test_a_container_image_takes_sources_and_no_keys():
    text = (ROOT / "examples" / "deployment" / "Dockerfile").read_text()
    copied = [word for line in text.splitlines() if line.startswith("COPY") for word in line.split()[1:-1]]
    assert "." not in copied and all((ROOT / word).exists() and not ignored(word) for word in copied)
    assert not any(
        map(
            ignored, ("qfl/cli/keys.py", "qfl/federation/strategy/every_node.py", "examples/quickstart/quickstart.toml")
        )
    )
    for secret in (
        "fleet/authority/keys/authority.key",
        "radio/nodes/0/node.key",
        "keys/clients/7.key",
        "runs/run-1/keys/server.key",
        "examples/fleet/server/tls.key",
        "server/keys/server.key",
        "server/tls.key",
        "server/control.token",
        ".git/config",
    ):
        assert ignored(secret), secret


def test_a_source_package_takes_no_keys(tmp_path):
    names = ("qfl", "strategies", "clients", "server", "README.md", "LICENSE", "pyproject.toml", ".gitignore")
    for name in names:
        (tmp_path / name).symlink_to(ROOT / name)
    for folder in ("keys", "fleet/server", "radio/nodes/0", "examples/mine/keys", "runs/one/keys"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "server.key").write_text("secret")
        (tmp_path / folder / "roster.cbor").write_text("not secret")
    (tmp_path / "examples" / "mine" / "tls.key").write_text("secret")
    (tmp_path / "examples" / "mine" / "run.toml").write_text("rounds = 1\n")
    (tmp_path / "dist").mkdir()
    program = "from hatchling.build import build_sdist; build_sdist('dist')"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True)
    (path,) = (tmp_path / "dist").glob("*.tar.gz")
    with tarfile.open(path) as archive:
        packed = {name.split("/", 1)[1] for name in archive.getnames()}
    assert "examples/mine/run.toml" in packed and "qfl/cli/keys.py" in packed
    assert not [name for name in packed if name.endswith((".key", "roster.cbor")) or name.startswith("radio")]
