"""``qfl cite``: what a run is from. Also covers qfl/cli/papers.py."""

import re
from pathlib import Path

import pytest

import qfl
from qfl.cli import main
from qfl.cli.papers import PAPERS, TITLE, papers_of
from qfl.config import Settings
from qfl.results import RunFolder

ROOT = Path(qfl.__file__).parent.parent


def keys(**header):
    return [paper.key for paper in papers_of(header)]


@pytest.mark.parametrize(
    ("flat", "expected"),
    [
        ({}, ["schuld2018circuit", "mcmahan2017communication"]),
        (
            {"radio.on": True, "strategy.name": "fedyogi"},
            ["shaon2025empowering", "schuld2018circuit", "reddi2021adaptive"],
        ),
        ({"task": "d2d", "model.name": "sqm_gnn", "strategy.name": "median"}, ["giang2026scalable"]),
        (
            {"task": "cell_free", "model.name": "ap_user_gnn", "strategy.name": "mine.py:make"},
            ["narottama_noncentralized", "giang2026scalable"],
        ),
        ({"model.name": "models.py:Net", "strategy.name": "median"}, []),
    ],
)
def test_a_run_cites_its_example_its_model_and_its_strategy(flat, expected):
    assert keys(settings=Settings().to_flat() | flat) == expected


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("reproduction", "table3", "giang2026scalable"),
        ("reproduction", "fig2", "giang_d2d"),
        ("reproduction", "cellfree-fig5", "narottama_noncentralized"),
        ("reproduction", "backbone-cut", "chehimi2026qbackbone"),
        ("learning-comparison", "fig4b", "shaon2025empowering"),
    ],
)
def test_a_study_cites_the_article_that_it_reproduces(kind, name, expected):
    assert keys(kind=kind, name=name, settings={}) == [expected]


def test_every_study_of_the_examples_has_an_article():
    from qfl.studies.examples import examples_of

    assert all(keys(kind="reproduction", name=name) for name in examples_of(ROOT))


def test_the_command_prints_bibtex_and_says_what_is_no_run(tmp_path, capsys):
    RunFolder.create("toy", {"status": "completed", "settings": Settings().to_flat()}, path=tmp_path / "run")
    assert main(["cite", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr().out
    assert re.findall(r"^@(\w+)\{(\w+),$", printed, re.M) == [
        ("software", "qfl_wireless"),
        ("misc", "schuld2018circuit"),
        ("misc", "mcmahan2017communication"),
    ]
    assert printed.count("{") == printed.count("}")
    assert main(["cite", str(tmp_path / "none")]) == 2
    assert "is no run folder" in capsys.readouterr().err


def test_the_citation_file_and_the_entry_are_of_one_version_and_title():
    text = (ROOT / "CITATION.cff").read_text()
    assert f"version: {qfl.__version__}\n" in text and f'title: "{TITLE}"\n' in text


def test_the_project_s_articles_are_those_that_the_readme_lists():
    text = " ".join((ROOT / "README.md").read_text().split())
    for name in ("radio", "sqm_gnn", "qgnn", "cell_free", "backbone"):
        assert PAPERS[name].title in text
