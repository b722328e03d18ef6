"""The content of the page of a comparison of federations; `qfl.report.frame` has what is around it."""

TEMPLATE = """\
{% extends "frame" %}
{% from "parts" import origin, said, show %}
{% block kind %}comparison of federations{% endblock %}
{% block content %}
<header>
  <p class="run"><span class="state {{ 'failed' if numbers.failures else 'completed' }}">{{ seeds }}</span>
    <bdi>{{ folder }}</bdi> <span>{{ created }}</span></p>
  <h1>{{ headline }}</h1>
  {% if numbers.notice %}<p class="trouble"><bdi>{{ numbers.notice }}</bdi></p>{% endif %}
</header>

<section id="conclusions">
  <h2>What the numbers say</h2>
  {{ said(conclusions) }}
</section>

<section id="learning">
  <h2>Learning</h2>
  {% for each in over_axes %}{{ show(each, wide=true) }}{% endfor %}
  {{ show(training_rounds, wide=true) }}{{ show(training_seconds, wide=true) }}
  {{ show(test_rounds, wide=true) }}{{ show(test_seconds, wide=true) }}
</section>

<section id="table">
  <h2>Combinations</h2>
  <div class="card wide"><div class="scroll"><table>
    <tr><th>combination</th><th>solver</th><th class="num">test {{ metric }}</th>
      <th class="num">training {{ metric }}</th><th class="num">update</th><th class="num">a round</th>
      <th class="num">in / asked</th><th class="num">ever in</th><th class="num">labels lost</th>
      <th class="num">Jain</th><th class="num">energy, J</th></tr>
    {% for row in rows %}
    <tr><td class="strong">{{ row[0] }}</td><td><code>{{ row[1] }}</code></td>
      {% for cell in row[2:] %}<td class="num">{{ cell }}</td>{% endfor %}</tr>
    {% endfor %}
  </table></div>
  <p class="about">Means over rounds and the seeds whose run was finished; in: updates that were accepted; a round:
    median on the virtual clock; energy: of a whole run. A dash: not known, as all of the radio where it was
    off.</p></div>
</section>

<section id="settings">
  <h2>Run it again</h2>
  <div class="card wide"><h3>What differs</h3>
    <div class="scroll"><table>
      <tr><th>axis</th><th>choice</th><th>settings</th></tr>
      {% for axis, choice, changed in axes %}
      <tr><td>{{ axis }}</td><td class="strong">{{ choice }}</td><td><code>{{ changed }}</code></td></tr>
      {% endfor %}
    </table></div></div>
  <div class="cards">
    <div class="card"><h3>Settings of all runs</h3><pre tabindex="0">{{ settings }}</pre></div>
    {{ origin(facts) }}
  </div>
  <details class="card"><summary>The runs, each with its own folder and report</summary>
    <ul>
    {% for each in reports %}
    <li><a href="{{ each }}/report.html">{{ each }}</a></li>
    {% endfor %}
    </ul></details>
</section>
<footer>Drawn from the run folders beside this page, and from nothing else. The numbers are in combinations.csv and
  curves.csv.</footer>
{% endblock %}
"""
