"""The page that shows a report while it grows: a frame, and a script that puts what has changed in its place.

A new report is compared node by node with what is shown, so nothing flickers, an open table stays open, and the window
stays where it was scrolled to. The report's own content runs no script, whatever a client put into it: the policy lets
the one script of this page run, by its nonce.
"""

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

WAITING = """\
{% extends "frame" %}
{% block kind %}report of a federated run{% endblock %}
{% block content %}
<header>
  <p class="run"><span class="state">in progress</span> <bdi>{{ name }}</bdi></p>
  <h1>{{ sentence }}</h1>
</header>
{% endblock %}
"""

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>qfl</title>
<style></style>
<style>
  #live { position: fixed; right: 14px; bottom: 12px; padding: 3px 12px; border-radius: 99px; font-size: 12.5px;
    background: var(--card); color: var(--soft); border: 1px solid var(--rule) }
  @media print { #live { display: none } }
</style>
</head>
<body>
<main><noscript>Without scripts, reload <a href="report">the report</a> to see it grow.</noscript></main>
<p id="live" role="status"></p>
<script nonce="NONCE">
const live = document.getElementById("live");
const EVERY_MS = 1000, PATIENCE = 5;
const report = "report?page=" + Math.random();  // tells the open pages apart
let tag = "", misses = 0;

function morph(shown, next) {
  if (shown.nodeType !== next.nodeType || shown.nodeName !== next.nodeName) return shown.replaceWith(next);
  if (shown.nodeType !== Node.ELEMENT_NODE) { if (shown.data !== next.data) shown.data = next.data; return; }
  for (const { name } of [...shown.attributes])
    if (!next.hasAttribute(name) && !(name === "open" && shown.nodeName === "DETAILS")) shown.removeAttribute(name);
  for (const { name, value } of next.attributes)
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  const ours = [...shown.childNodes], theirs = [...next.childNodes];
  const places = Object.fromEntries(ours.filter(node => node.id).map(node => [node.id, node]));
  let at = shown.firstChild;
  for (const node of theirs) {
    const same = node.id && places[node.id];
    if (same && same !== at) shown.insertBefore(same, at);
    else if (!at || (node.id && !same) || (at.id && at.id !== node.id)) { shown.insertBefore(node, at); continue; }
    const target = same || at;
    at = target.nextSibling;
    morph(target, node);
  }
  while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
}

async function refresh() {
  const reply = await fetch(report, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
  if (reply.status === 200) {
    const next = new DOMParser().parseFromString(await reply.text(), "text/html");
    document.title = next.title;
    for (const part of ["style", "main"]) morph(document.querySelector(part), next.querySelector(part));
    tag = reply.headers.get("ETag");
  } else if (reply.status !== 304) throw new Error(reply.status);
  return reply.headers.get("Qfl-Run") === "over";
}

async function follow() {
  try {
    const over = await refresh();
    misses = 0;
    live.textContent = over ? "the run is over" : "live";
    if (over) return;
  } catch (error) {
    if (++misses >= PATIENCE) { live.textContent = "the run no longer answers; its folder has the report"; return; }
  }
  setTimeout(follow, EVERY_MS);
}

follow();
</script>
</body>
</html>
"""
