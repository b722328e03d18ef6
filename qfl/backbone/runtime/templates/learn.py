"""What can be registered from the jobs that a service has ended: structures that came again, and angles of families.

Jobs are posed and reduced again from their log. Angles are proposed for every family of four problems or more that fit,
and a structure where two jobs or more have it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dimod

from qfl.backbone.applications.posed import pose
from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.backbone.runtime.templates.angles import LEAST_MODELS, MOST_MODELS, MOST_QUBITS, family, learn_angles
from qfl.backbone.runtime.templates.entry import Template
from qfl.backbone.runtime.templates.structures import structure_template
from qfl.errors import ConfigError

LEAST_JOBS = 2  # of one structure
Payload = Mapping[str, Any]
Found = tuple[str, Template | None, dict[str, float]]
"""Name, the entry if there is one to register, and what was measured."""


def learn_templates(jobs: Iterable[Payload]) -> Iterator[Found]:
    """Yield the name of everything that was looked at, the entry to register or None, and what was measured of it.

    Args:
        jobs: Each with ``application`` and ``request``, as the log has them; what is no job any more is passed over.
    """
    payloads = [job for job in jobs if _is_job(job)]
    yield from _structures(payloads)
    yield from _angles(payloads)


def _structures(payloads: Iterable[Payload]) -> Iterator[Found]:
    counts, entries = Counter[str](), dict[str, Template]()
    for job in payloads:
        entry = structure_template(job["application"], job["request"])
        entries[entry.name] = entry
        counts[entry.name] += 1
    for name, count in counts.items():
        yield name, entries[name] if count >= LEAST_JOBS else None, {"jobs": count}


def _angles(payloads: Iterable[Payload]) -> Iterator[Found]:
    models: dict[tuple[str, str], list[dimod.BinaryQuadraticModel]] = {}
    for job in payloads:
        posed = pose(job["application"], job["request"])
        model = reduce(posed.model, roof_duality=False, symmetry=True, tolerance=posed.tolerance).model
        if 1 <= model.num_variables <= MOST_QUBITS:
            models.setdefault((job["application"], family(job["application"], model)), []).append(model)
    for (application, name), some in models.items():
        if len(some) < LEAST_MODELS:
            yield name, None, {"models": len(some)}
        else:
            yield name, *learn_angles(application, some[-MOST_MODELS:])


def _is_job(job: Payload) -> bool:
    try:
        pose(job["application"], job["request"])
    except (ConfigError, KeyError, TypeError):  # a log of another version
        return False
    return True
