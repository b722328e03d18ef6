"""Pages are made of templates, and a template is compiled once."""

from jinja2 import Environment

from qfl.report.frame import fill

PAGE = '{% extends "frame" %}{% block kind %}test{% endblock %}{% block content %}{{ value }}{% endblock %}'


def test_a_template_is_compiled_for_its_first_page_only_and_filled_for_each(monkeypatch):
    compiled, compile_ = [], Environment.compile
    monkeypatch.setattr(Environment, "compile", lambda self, *a, **k: compiled.append(a[0]) or compile_(self, *a, **k))
    pages = [fill(PAGE, name="x", value=value) for value in ("<i>1", "2", "3")]
    assert compiled.count(PAGE) == 1
    assert [page.partition("<main>")[2].partition("</main>")[0].strip() for page in pages] == ["&lt;i&gt;1", "2", "3"]
