"""The content of a run's report; `qfl.report.frame` has what is around it."""

TEMPLATE = """\
{% extends "frame" %}
{% from "parts" import origin, show, tiles %}
{%- macro setting_rows(lines, with_default) %}
<div class="scroll"><table>
  <tr><th>setting</th><th>value</th>{% if with_default %}<th>default</th>{% endif %}<th>meaning</th></tr>
  {% for line in lines %}
  <tr><td class="key"><code>{{ line.key }}</code></td><td class="word"><code>{{ line.value }}</code></td>
    {% if with_default %}<td class="soft"><code>{{ line.default }}</code></td>{% endif %}
    <td class="soft sentence">{{ line.about }}</td></tr>
  {% endfor %}
</table></div>
{% endmacro -%}
{% block kind %}report of a federated run{% endblock %}
{% block content %}
<header>
  <p class="run"><span class="state {{ top.state }}">{{ top.state }}</span> <bdi>{{ folder }}</bdi>
    {% if created %}<span>{{ created }}</span>{% endif %}</p>
  <h1>{{ top.sentence }}</h1>
  {% if top.trouble %}<p class="trouble"><bdi>{{ top.trouble }}</bdi></p>{% endif %}
  {% for gap in gaps %}<p class="trouble"><bdi>Missing in the run folder: {{ gap }}.</bdi></p>{% endfor %}
  {{ tiles(top.tiles) }}
</header>

<section id="learning">
  <h2>Learning</h2>
  {% if merit or loss or per_class %}
  <div class="cards">{{ show(merit) }}{{ show(loss) }}</div>
  {{ show(per_class, wide=true) }}
  {% for figure in predictions %}
  <div class="cards">{{ show(figure) }}{{ show(residuals[loop.index0]) }}</div>
  {% endfor %}
  {% else %}
  <p class="card empty">No round has been evaluated yet.</p>
  {% endif %}
</section>

{% if one_message or traffic or phases %}
<section id="cost">
  <h2>What travels, and what it takes</h2>
  {{ show(one_message, wide=true) }}
  <div class="cards">{{ show(traffic) }}{{ show(phases) }}</div>
</section>
{% endif %}

{% if masking %}
<section id="masking">
  <h2>What the server could not see</h2>
  <div class="card wide"><h3>Sums of updates</h3>
    <p class="about">Bytes and losses of each step by which the server comes by the sum alone.</p>
    <dl class="facts">
      {% for name, value in masking %}
      <dt>{{ name }}</dt><dd><bdi>{{ value }}</bdi></dd>
      {% endfor %}
    </dl></div>
</section>
{% endif %}

{% if attack %}
<section id="attack">
  <h2>Clients that attacked</h2>
  <div class="card wide"><h3>Attackers' updates</h3>
    <p class="about">Attackers are enrolled and sign what they send; their rows in clients.jsonl say so.</p>
    <dl class="facts">
      {% for name, value in attack %}
      <dt>{{ name }}</dt><dd><bdi>{{ value }}</bdi></dd>
      {% endfor %}
    </dl></div>
</section>
{% endif %}

{% if privacy %}
<section id="privacy">
  <h2>Privacy of the clients</h2>
  <div class="cards">{{ show(epsilon_spent) }}</div>
  <div class="card wide"><h3>Differential privacy</h3>
    <p class="about">What the models tell of any one client, at most. Shots are no noise of this kind.</p>
    <dl class="facts">
      {% for name, value in privacy %}
      <dt>{{ name }}</dt><dd><bdi>{{ value }}</bdi></dd>
      {% endfor %}
    </dl></div>
</section>
{% endif %}

{% if devices or pool %}
<section id="devices">
  <h2>On quantum devices</h2>
  {% if pool %}
  <div class="cards">{{ show(on_pool) }}{{ show(pool_seconds) }}</div>
  <div class="card wide"><h3>The pool of QPUs</h3>
    <p class="about">On its virtual clock: every client's training is a job, on QPUs that all share.</p>
    <dl class="facts">
      {% for name, value in pool %}
      <dt>{{ name }}</dt><dd><bdi>{{ value }}</bdi></dd>
      {% endfor %}
    </dl></div>
  {% endif %}
  {% if devices %}
  <div class="card wide"><h3>What the devices ran</h3>
    <p class="about">Extra shots are those that undoing errors or cutting circuits takes beside the plain circuits.</p>
    <dl class="facts">
      {% for name, value in devices %}
      <dt>{{ name }}</dt><dd><bdi>{{ value }}</bdi></dd>
      {% endfor %}
    </dl></div>
  {% endif %}
</section>
{% endif %}

{% if radio %}
<section id="radio">
  <h2>On the radio</h2>
  {{ show(on_air, wide=true) }}
  <div class="card wide"><h3>What the radio did</h3>
    <p class="about">On its virtual clock, round by round; the settings below describe the cell.</p>
    <dl class="facts">
      {% for name, value in radio %}
      <dt>{{ name }}</dt><dd><bdi>{{ value }}</bdi></dd>
      {% endfor %}
    </dl></div>
</section>
{% endif %}

{% if accepted or refusals or failed_rounds %}
<section id="clients">
  <h2>Who took part</h2>
  <div class="cards">{{ show(accepted) }}{{ show(not_accepted) }}</div>
  {% if refusals %}
  <div class="card wide">
    <h3>Why updates were not used</h3>
    <div class="scroll"><table>
      <tr><th>reason</th><th>fate</th><th class="num">updates</th><th>clients</th><th>rounds</th>
        <th>the first of them</th></tr>
      {% for row in refusals %}
      <tr><td class="word"><code><bdi>{{ row.reason }}</bdi></code></td><td><bdi>{{ row.status }}</bdi></td>
        <td class="num">{{ row.num }}</td><td class="names"><bdi>{{ row.clients }}</bdi></td>
        <td class="key">{{ row.rounds }}</td><td class="soft sentence"><bdi>{{ row.example }}</bdi></td></tr>
      {% endfor %}
    </table></div>
  </div>
  {% endif %}
  {% if failed_rounds %}
  <div class="card wide">
    <h3>Rounds that failed and left the angles as they were</h3>
    <div class="scroll"><table>
      <tr><th>round</th><th>why</th></tr>
      {% for number, why in failed_rounds %}
      <tr><td>{{ number }}</td><td class="sentence"><bdi>{{ why }}</bdi></td></tr>
      {% endfor %}
    </table></div>
  </div>
  {% endif %}
</section>
{% endif %}

{% if drift_over_rounds or drift_last_round %}
<section id="drift">
  <h2>How far clients move</h2>
  <div class="cards">{{ show(drift_over_rounds) }}{{ show(drift_last_round) }}</div>
</section>
{% endif %}

{% if diagnostics %}
<section id="strategy">
  <h2>The strategy about itself</h2>
  <div class="cards small">{% for figure in diagnostics %}{{ show(figure) }}{% endfor %}</div>
</section>
{% endif %}

{% if model_facts or drawing %}
<section id="model">
  <h2>The model</h2>
  <div class="card">
    {% if model_facts %}<p class="about">{{ model_facts }}</p>{% endif %}
    {% if drawing_source %}
    <div class="scroll"><img class="drawing" alt="The circuit" src="{{ drawing_source }}"></div>
    {% elif drawing %}
    <pre class="drawing" tabindex="0" aria-label="The circuit">{{ drawing }}</pre>
    {% endif %}
  </div>
  {% if comparison %}
  <div class="card wide">
    <h3>Beside classical models on the same data</h3>
    <div class="scroll"><table>
      <tr><th>model</th><th class="num">parameters</th><th class="num">uplink, unsigned</th>
        <th class="num">relative</th></tr>
      {% for row in comparison %}
      <tr{% if row.ours %} class="ours"{% endif %}><td>{{ row.name }}</td><td class="num">{{ row.parameters }}</td>
        <td class="num">{{ row.uplink }}</td><td class="num">{{ row.ratio }}</td></tr>
      {% endfor %}
    </table></div>
  </div>
  {% endif %}
</section>
{% endif %}

<section id="settings">
  <h2>Settings</h2>
  <div class="card">
    {% if changed %}
    <h3>Changed from their defaults</h3>
    {{ setting_rows(changed, true) }}
    {% else %}
    <p class="about">{{ "Every setting is at its default." if unchanged else "No settings were kept." }}</p>
    {% endif %}
    {% if unchanged %}
    <details><summary>{{ unchanged | length }} settings at their defaults</summary>
    {{ setting_rows(unchanged, false) }}</details>
    {% endif %}
  </div>
</section>

<section id="provenance">
  <h2>Run it again</h2>
  <div class="cards">
    {% if command %}
    <div class="card"><h3>The command</h3>
      <p class="about">Writes the run file and runs it. The same source and seed give the same angle digest.</p>
      <pre tabindex="0">{{ command }}</pre></div>
    {% endif %}
    {{ origin(facts, digests) }}
  </div>
  {% if rounds %}
  <details class="card"><summary>All rounds as a table</summary>
    <div class="scroll"><table>
      <tr><th class="num">round</th><th class="num">{{ metric }}</th><th class="num">loss</th>
        <th class="num">clients</th><th class="num">worst 10 %</th><th class="num">used</th>
        <th class="num">up</th><th class="num">down</th><th class="num">time</th></tr>
      {% for row in rounds %}
      <tr>{% for cell in row %}<td class="num">{{ cell }}</td>{% endfor %}</tr>
      {% endfor %}
    </table></div></details>
  {% endif %}
</section>
<footer>Drawn from run.json, rounds.jsonl and clients.jsonl in this folder, and from nothing else.</footer>
{% endblock %}
"""
