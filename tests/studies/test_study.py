"""A study is its four functions in their order, each given what came before."""

import pytest

from qfl.results import RunFolder
from qfl.studies.request import Request
from qfl.studies.study import Study


@pytest.fixture
def asked(tmp_path):
    folder = RunFolder.create("x", {"status": "running"}, path=tmp_path / "x")
    return Request("x", False, 1, {"x": 3}, folder, tmp_path)


def test_each_function_is_given_what_those_before_it_returned(asked):
    calls = []

    def step(name, value):
        def function(request, *given):
            assert request is asked
            calls.append((name, given))
            return value

        return function

    study = Study(
        step("settings", "S"), step("run", "M"), step("summarise", {"n": 1}), step("draw", None), step("tell", "P")
    )
    result = study.conduct(asked)
    assert calls == [
        ("settings", ()),
        ("run", ("S",)),
        ("summarise", ("S", "M")),
        ("draw", ("S", "M", {"n": 1})),
        ("tell", ("S", "M", {"n": 1})),
    ]
    assert (result.numbers, result.text) == ({"n": 1}, "P")
    assert result.page == asked.folder.path / "README.md" and result.page.read_text() == "P\n"


def test_what_is_shown_is_not_measured(asked):
    study = Study(
        pytest.fail, pytest.fail, lambda *given: {"measured": given[2]}, lambda *given: None, lambda *given: "page",
        page="report.html",
    )  # fmt: skip
    assert study.show(asked, "S", 5).numbers == {"measured": 5}
    assert (asked.folder.path / "report.html").read_text() == "page\n"


def test_a_study_that_fails_leaves_the_page_of_before(asked):
    def study(tell):
        return Study(lambda r: 0, lambda *given: 0, lambda *given: {}, lambda *given: None, tell)

    study(lambda *given: "first").conduct(asked)
    with pytest.raises(ZeroDivisionError):
        study(lambda *given: 1 // 0).conduct(asked)
    assert (asked.folder.path / "README.md").read_text() == "first\n"
