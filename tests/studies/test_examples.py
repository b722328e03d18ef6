"""Papers' folders become modules of their own names, the same in every process.

Also covers examples/q_backbone/study.py: every study that is listed is there.
"""

from pathlib import Path

import pytest

import qfl
from qfl.errors import ConfigError
from qfl.studies.examples import Example, Placed, digest, examples_of, load, member, module_of
from qfl.studies.jobs import run_jobs

ROOT = Path(qfl.__file__).parent.parent


def paper(path, factor):
    path.mkdir(parents=True)
    (path / "study.py").write_text("from .parts import Part\n\nSTUDY = Part\n")
    (path / "parts.py").write_text(
        "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Part:\n    x: int\n\n\n"
        f"def grown(part):\n    return Part({factor} * part.x)\n"
    )
    return path


def test_two_papers_of_one_name_do_not_meet(tmp_path):
    one, other = paper(tmp_path / "a" / "same", 2), paper(tmp_path / "b" / "same", 3)
    assert load(one) is load(one) and load(one).__name__ != load(other).__name__
    assert [member(folder, "parts:grown")(member(folder, "parts:Part")(1)).x for folder in (one, other)] == [2, 3]


def test_jobs_in_other_processes_use_a_papers_functions_and_classes(tmp_path):
    parts = module_of(paper(tmp_path / "paper", 5), "parts")
    found = run_jobs([(parts.grown, (parts.Part(x),)) for x in (1, 2)], processes=2)
    assert sorted(part.x for part in found) == [5, 10]


def test_every_study_of_the_checkout_has_its_run_file_and_four_functions():
    found = examples_of(ROOT)
    listed = [load(path.parent) for path in (ROOT / "examples").glob("*/study.py")]
    assert len(found) == sum(len(getattr(module, "STUDIES", {})) for module in listed) > 0  # no two share a name
    for placed in found.values():
        study = placed.study()
        assert placed.file.is_file() and all(map(callable, (study.run, study.summarise, study.draw, study.tell)))


def test_the_digest_is_that_of_the_sources(tmp_path):
    folder = paper(tmp_path / "paper", 2)
    before = digest(folder)
    (folder / "notes.md").write_text("not a source")
    assert digest(folder) == before
    (folder / "parts.py").write_text("x = 1\n")
    assert digest(folder) != before


def test_a_study_that_takes_another_papers_modules_is_another_when_these_change(tmp_path):
    one, other = paper(tmp_path / "one", 2), paper(tmp_path / "other", 3)
    alone, both = (Placed(one, Example("", "x.toml", "parts", also)) for also in ((), ("other",)))
    before = alone.digest, both.digest
    assert before[0] == digest(one) != before[1]
    (other / "parts.py").write_text("x = 1\n")
    assert alone.digest == before[0] and both.digest != before[1]
    assert examples_of(ROOT)["fig2"].example.also == ("sqm_gnn",)  # its curves are drawn by that folder's learning.py


def test_a_folder_without_studies_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"has no examples/<paper>/study\.py; reproductions live in"):
        examples_of(tmp_path)


def test_the_package_holds_no_study_of_a_paper():
    """What the wheel carries: no number that only a paper knows."""
    sources = "".join(path.read_text() for path in (ROOT / "qfl").rglob("*.py"))
    for number in ("102.21", "107.02", "2.6138541945601905", "67073"):
        assert number not in sources
