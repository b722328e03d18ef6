"""The content of a comparison's page; `qfl.report.frame` has what is around it."""

TEMPLATE = """\
{% extends "frame" %}
{% from "parts" import origin, said, show, tiles %}
{% block kind %}comparison of schedulers{% endblock %}
{% block content %}
<header>
  <p class="run"><span class="state completed">{{ numbers.seeds }} seeds</span> <bdi>{{ folder }}</bdi>
    <span>{{ created }}</span></p>
  <h1>{{ headline }}</h1>
  {{ tiles(key_numbers) }}
</header>

<section id="conclusions">
  <h2>What to conclude</h2>
  {{ said(conclusions) }}
</section>

<section id="values">
  <h2>Values on the way</h2>
  {{ show(evaluations, wide=true) }}
  <div class="cards">{{ show(seconds) }}{{ show(iterations) }}</div>
</section>

<section id="ends">
  <h2>Where they end</h2>
  <div class="cards">{{ show(share) }}{{ show(small) }}</div>
  <div class="card wide">
    <h3>The panel</h3>
    <p class="about">{{ numbers.variant }}: {{ numbers.variant_means }}. Means over the same
      {{ numbers.seeds }} instances{{ ", less those on which a method failed" if numbers.failures }};
      the bound is {{ number(numbers.bound.value_mbps.mean, "{:.2f}") }} ±
      {{ number(numbers.bound.value_mbps.sd, "{:.2f}") }} Mbit/s and is
      known to be reached on {{ numbers.bound.tight or "none" }} of them.</p>
    <div class="scroll"><table class="panel">
      <tr><th>method</th><th>start</th><th class="num">Mbit/s</th><th class="num">% of bound</th>
        <th class="num">over random +&nbsp;SCA&nbsp;power</th><th class="num">evaluations</th>
        <th class="num">seconds</th><th class="num">iterations</th>
        <th class="num">Jain</th>
        <th class="num">devices over 10&nbsp;kbit/s</th></tr>
      {% for entry, own, about in panel %}
      <tr><td class="method"><code>{{ entry.name }}</code><br><span class="soft">{{ about }}</span></td>
        <td class="soft">{{ own.start }}</td>
        <td class="num key">{{ number(own.value_mbps.mean, "{:.2f}") }} ± {{ number(own.value_mbps.sd, "{:.2f}") }}</td>
        <td class="num strong">{{ number(own.percent_of_bound) }}</td>
        <td class="num">{{ number(own.over_random_sca_power, "{:.2f}") }}</td>
        <td class="num">{{ number(own.evaluations, "{:,.0f}") }}</td>
        <td class="num">{{ number(own.seconds, "{:.3g}") }}</td>
        <td class="num">{{ number(own.iterations, "{:,.0f}") }}</td>
        <td class="num">{{ number(own.jain, "{:.3f}") }}</td><td class="num">{{ number(own.participants) }}</td></tr>
      {% endfor %}
    </table></div>
  </div>
</section>

<section id="paper">
  <h2>{{ "The paper's numbers beside ours" if paper else "QAOA beside each SCA" }}</h2>
  <div class="card">
    <p class="about">{{ paper }}
      Converged = within 1 % of the method's own last value from there on, median over seeds.</p>
    <div class="scroll"><table>
      <tr><th>QAOA</th><th>against which SCA</th><th class="num">more sum rate</th>
        <th class="num">in own iterations</th><th class="num">in evaluations</th><th class="num">in seconds</th></tr>
      {% for claim in numbers.claims %}
      <tr><td><code>{{ claim.quantum }}</code></td>
        <td><code>{{ claim.classical }}</code><br><span class="soft">{{ plausible[claim.classical] }}</span></td>
        <td class="num strong">{{ number(claim.gain_percent, "{:+z.0f}") }} %</td>
        {% for text in paces(claim) %}<td class="num">{{ text }}</td>{% endfor %}</tr>
      {% endfor %}
    </table></div>
  </div>
</section>

<section id="devices">
  <h2>What it means for the devices</h2>
  {{ show(rates, wide=true) }}
  <div class="cards">{{ show(fair) }}{{ show(collection) }}</div>
</section>

<section id="settings">
  <h2>Run it again</h2>
  <div class="cards">
    <div class="card"><h3>Settings</h3>
      <pre tabindex="0">{{ settings }}</pre></div>
    {{ origin(facts) }}
  </div>
</section>
<footer>Drawn from run.json and methods.jsonl in this folder, and from nothing else. The numbers are in methods.csv,
  curves.csv and claims.csv beside it.</footer>
{% endblock %}
"""
