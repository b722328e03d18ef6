"""What each command of ``qfl backbone`` does; they are declared in `qfl.cli.backbone`."""

import json
import ssl
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from qfl.cli.template_commands import given_templates
from qfl.errors import ConfigError, Damaged, UserError
from qfl.printable import printable
from qfl.reading import read_object, read_text

ANSWER_S = 600.0  # that an answer is waited for


def show_pool(options: Namespace) -> int:
    """Print the backends of a pool."""
    from qfl.backbone.infrastructure.pool import describe, read_pool

    rows = describe(_with_here(lambda: read_pool(Path(options.pool))).backends)
    if options.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        times = f"queue {row['queue_s']:g} s, shot {row['shot_s']:g} s" if row["simulated"] else "timed as it runs"
        print(f"{row['name']:16} {row['kind']:4} {row['solver']:12} {times}, {row['power_w']:g} W")
    return 0


def serve(options: Namespace) -> int:
    """Serve until told to stop."""
    from qfl.backbone.infrastructure.pool import read_pool
    from qfl.backbone.service.serve import serve as run

    if not 1 <= options.port <= 65535:
        raise ConfigError(f"--port {options.port}: give a port from 1 to 65535")
    pool, templates = _with_here(lambda: read_pool(Path(options.pool))), given_templates(options)
    scheme = "https" if options.certificate else "http"
    print(f"serving {len(pool.backends)} backends at {scheme}://{options.host}:{options.port}", file=sys.stderr)
    print(f"the token is in {Path(options.folder) / 'token'}", file=sys.stderr)
    certificate, key = (Path(path) if path else None for path in (options.certificate, options.key))
    run(
        Path(options.folder),
        pool,
        host=options.host,
        port=options.port,
        certificate=certificate,
        key=key,
        suite=options.suite,
        seed=options.seed,
        templates=templates,
    )
    return 0


def submit(options: Namespace) -> int:
    """Send a job and print what the service says."""
    try:
        job = read_object(Path(options.job))
    except Damaged as error:
        raise ConfigError(f"{options.job} {error}; give a JSON file with a job") from None
    print(json.dumps(_call(options, "POST", "/optimize" if options.wait else "/jobs", job)))
    return 0


def status(options: Namespace) -> int:
    """Print what came of a job, or the last decisions and why."""
    found = _call(options, "GET", f"/jobs/{options.name}" if options.name else "/decisions", None)
    if options.json or options.name:
        print(json.dumps(found))
        return 0
    for row in reversed(found):
        late = "" if row["in_time"] else ", late"
        print(f"{printable(row['name']):24} {row['backend']}{late}: {printable(row.get('reason', ''))}")
    return 0


def _call(options: Namespace, method: str, path: str, body: Any) -> Any:
    """Return what the service answers; its refusal is raised with its own sentence."""
    import httpx

    try:
        token = read_text(Path(options.folder) / "token", 4096).strip()
        verify = ssl.create_default_context(cafile=options.authority) if options.authority else True
    except Damaged as error:
        raise ConfigError(f"{Path(options.folder) / 'token'} {error}; name the service's folder") from None
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{options.authority} cannot be used ({error}); give the authority's PEM file") from None
    try:
        headers = {"Authorization": f"Bearer {token}"}
        found = httpx.request(
            method, f"{options.url}{path}", json=body, headers=headers, timeout=ANSWER_S, verify=verify
        )
        answer = found.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise UserError(
            f"{options.url} does not answer ({error or type(error).__name__}); start it with `qfl backbone serve`"
        ) from None
    if found.status_code >= 400:
        raise UserError(printable(answer.get("error", found.status_code)))
    return answer


def _with_here(read: Any) -> Any:
    """Return what a function gives with the working directory on the import path, for samplers of one's own."""
    if "" not in sys.path:
        sys.path.append("")
    return read()
