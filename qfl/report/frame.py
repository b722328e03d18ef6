"""What every page has around its content, and how pages are made: Jinja2 templates that extend ``frame``.

The policy in the head lets a page load nothing and run nothing, whatever a client has put into its reasons. Templates
are Python strings because Flower's app bundle carries no .html.
"""

from functools import cache

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from qfl.report.style import style_sheet

FRAME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ name }}: {% block kind %}{% endblock %}</title>
<style>{{ style }}</style>
</head>
<body>
<main>
{% block content %}
{% endblock %}
</main>
</body>
</html>
"""

PARTS = """\
{%- macro show(figure, wide=false) %}
{% if figure %}
<figure class="card{{ ' wide' if wide }}">
  <figcaption><h3>{{ figure.title }}</h3><p>{{ figure.about }}</p></figcaption>
  {{ figure.picture }}
  {% if figure.legend %}
  <ul class="legend">
    {% for key in figure.legend %}
    <li><i class="ink-{{ key.ink }}"></i>{{ key.name }} <span>{{ key.text }}</span></li>
    {% endfor %}
  </ul>
  {% endif %}
</figure>
{% endif %}
{% endmacro -%}
{%- macro tiles(named) %}
<dl class="tiles">
  {% for name, value, remark in named %}
  <div class="tile"><dt>{{ name }}</dt><dd class="value">{{ value }}</dd>
    <dd class="remark">{{ remark }}</dd></div>
  {% endfor %}
</dl>
{% endmacro -%}
{%- macro said(sentences) %}
<div class="card"><ul class="said">
  {% for sentence in sentences %}
  <li>{{ sentence }}</li>
  {% endfor %}
</ul></div>
{% endmacro -%}
{%- macro origin(facts, digests=()) %}
<div class="card"><h3>Where the numbers come from</h3>
  <dl class="facts">
    {% for name, value in facts %}
    <dt>{{ name }}</dt><dd{{ ' class=hex' if name in digests }}>{{ value }}</dd>
    {% endfor %}
  </dl></div>
{% endmacro -%}
"""


def fill(template: str, more_style: str = "", /, **values: object) -> str:
    """Return a page: the template, which extends ``frame`` and may import from ``parts``, with its values.

    Args:
        template: Jinja2 source with the blocks ``kind`` and ``content``.
        more_style: Added to the style sheet.
        values: What the template names; what it lacks is an error.

    Example:
        >>> text = '{% extends "frame" %}{% block kind %}test{% endblock %}{% block content %}{{ a }}{% endblock %}'
        >>> "<title>x: test</title>" in fill(text, name="x", a="<b>") and "&lt;b&gt;" in fill(text, name="x", a="<b>")
        True
    """
    return _compiled(template).render(style=Markup(style_sheet() + more_style), **values)


@cache  # to compile takes longer than to fill, and a template is a constant
def _compiled(template: str) -> Template:
    return _environment().from_string(template)


@cache
def _environment() -> Environment:
    return Environment(
        loader=DictLoader({"frame": FRAME, "parts": PARTS}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
