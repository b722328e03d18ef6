"""Tests mirror the tree: a module's tests have its name and place, or the test file that has them names the module.

``qfl/models/mlp.py`` is covered by ``tests/models/test_mlp.py``, or by a test file whose docstring holds the words
"Also covers qfl/models/mlp.py".
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOPS = ("qfl", "strategies", "clients", "server")
FILES = sorted(path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
OPEN = """
qfl/__main__.py
qfl/aggregation/aggregate.py
qfl/aggregation/blocks.py
qfl/aggregation/delta.py
qfl/array_axes.py
qfl/array_ranges.py
qfl/checkpoint.py
qfl/cli/compare_schedulers.py
qfl/cli/deploy.py
qfl/cli/deploy_commands.py
qfl/cli/ending.py
qfl/cli/parsing.py
qfl/cli/report.py
qfl/cli/resume.py
qfl/cli/rotation.py
qfl/cli/streams.py
qfl/cli/tokens.py
qfl/config/cell.py
qfl/config/combinations.py
qfl/config/fields.py
qfl/config/radio.py
qfl/config/setting.py
qfl/config/subjects.py
qfl/data/content.py
qfl/data/dataset.py
qfl/data/download.py
qfl/deployment/accept.py
qfl/deployment/certificates.py
qfl/deployment/control.py
qfl/deployment/host.py
qfl/deployment/locks.py
qfl/deployment/pieces.py
qfl/deployment/run.py
qfl/deployment/wire.py
qfl/errors.py
qfl/extend.py
qfl/federation/grids/base.py
qfl/federation/grids/stack.py
qfl/federation/records/radio_rows.py
qfl/federation/records/resumption.py
qfl/federation/records/run_metadata.py
qfl/federation/runtime/context.py
qfl/federation/runtime/progress.py
qfl/federation/runtime/superlink.py
qfl/federation/runtime/timing.py
qfl/federation/server.py
qfl/federation/strategy/constants.py
qfl/federation/strategy/every_node.py
qfl/federation/strategy/global_draws.py
qfl/federation/strategy/plain_values.py
qfl/federation/strategy/player.py
qfl/federation/worker/protocol.py
qfl/federation/worker/trainer.py
qfl/metric.py
qfl/models/ap_user_stars.py
qfl/models/cloud_edge/decoding.py
qfl/models/cloud_edge/features.py
qfl/models/cloud_edge/objectives.py
qfl/models/cloud_edge/plus.py
qfl/models/cloud_edge/response.py
qfl/models/features.py
qfl/models/gcn.py
qfl/models/logistic.py
qfl/models/mlp.py
qfl/models/model.py
qfl/models/qgnn.py
qfl/models/star_device.py
qfl/models/star_gnn.py
qfl/models/star_inputs.py
qfl/models/stars.py
qfl/models/wcgcn.py
qfl/number_types.py
qfl/quantum/algebra.py
qfl/quantum/ansatze.py
qfl/quantum/blocks.py
qfl/quantum/convolution.py
qfl/quantum/device_list.py
qfl/quantum/evolve.py
qfl/quantum/matrices.py
qfl/quantum/pennylane_program.py
qfl/quantum/stages.py
qfl/quantum/star_chain.py
qfl/quantum/star_phase.py
qfl/report/canvas.py
qfl/report/figures/classes.py
qfl/report/figures/diagnostics.py
qfl/report/figures/drift.py
qfl/report/figures/figure.py
qfl/report/figures/learning.py
qfl/report/figures/on_air.py
qfl/report/figures/participation.py
qfl/report/figures/phases.py
qfl/report/figures/stacked.py
qfl/report/figures/traffic.py
qfl/report/headline.py
qfl/report/palette.py
qfl/report/refusals.py
qfl/report/style.py
qfl/report/svg.py
qfl/report/tables.py
qfl/report/template.py
qfl/security/applications.py
qfl/security/membership.py
qfl/security/roster_rows.py
qfl/studies/bench/cell_free_edge.py
qfl/studies/bench/deploy.py
qfl/studies/bench/measure.py
qfl/studies/bench/qaoa.py
qfl/studies/bench/round.py
qfl/studies/bench/star_peers.py
qfl/studies/bench/table.py
qfl/studies/bench/vqc.py
qfl/studies/csv_files.py
qfl/studies/federations/colours.py
qfl/studies/federations/curves.py
qfl/studies/federations/figures.py
qfl/studies/federations/outcome.py
qfl/studies/federations/page.py
qfl/studies/federations/picture.py
qfl/studies/federations/study.py
qfl/studies/federations/summary_text.py
qfl/studies/federations/template.py
qfl/studies/jobs.py
qfl/studies/markdown.py
qfl/studies/request.py
qfl/studies/schedulers/claims.py
qfl/studies/schedulers/colours.py
qfl/studies/schedulers/figures.py
qfl/studies/schedulers/measure.py
qfl/studies/schedulers/outcome.py
qfl/studies/schedulers/page.py
qfl/studies/schedulers/panel.py
qfl/studies/schedulers/picture.py
qfl/studies/schedulers/rows_chart.py
qfl/studies/schedulers/study.py
qfl/studies/schedulers/summary_text.py
qfl/studies/schedulers/template.py
qfl/studies/study.py
qfl/tasks/cell_free/blocks.py
qfl/tasks/cell_free/build.py
qfl/tasks/cell_free/cloud.py
qfl/tasks/cell_free/edge_training.py
qfl/tasks/cell_free/region_references.py
qfl/tasks/cell_free/region_task.py
qfl/tasks/cell_free/samples.py
qfl/tasks/classify.py
qfl/tasks/d2d_regions.py
qfl/tasks/federation.py
qfl/tasks/labelled.py
qfl/testing/damage.py
qfl/testing/dense.py
qfl/wireless/cell_free/network.py
qfl/wireless/d2d_bounds.py
qfl/wireless/d2d_rates.py
qfl/wireless/d2d_search.py
qfl/writing.py
strategies/blocks.py
strategies/bulyan.py
strategies/circular.py
strategies/delta.py
strategies/fedadagrad.py
strategies/fedadam.py
strategies/fedavg.py
strategies/fedavgm.py
strategies/fedprox.py
strategies/fedyogi.py
strategies/krum.py
strategies/median.py
strategies/noise_aware.py
strategies/qfedavg.py
strategies/su2.py
strategies/trimmed_mean.py
"""


def modules():
    """Return the modules by their paths; what a package's __init__ does is tested with what it lists."""
    paths = (path for top in TOPS for path in (ROOT / top).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in paths if path.name != "__init__.py")


def by_name():
    """Return the modules whose test files have their names."""
    names = [path.with_name(path.name.removeprefix("test_")).relative_to(ROOT / "tests").as_posix() for path in FILES]
    return {name if name.split("/")[0] in TOPS[1:] else f"qfl/{name}" for name in names}


def by_docstring():
    """Return the modules that a test file says it covers."""
    docstrings = [ast.get_docstring(ast.parse(path.read_text())) or "" for path in FILES]
    said = " ".join(text.partition("Also covers")[2] for text in docstrings)
    return set(re.findall(r"(?:" + "|".join(TOPS) + r")/[\w/]+\.py", said))


def test_every_module_has_its_test_file_or_is_named_in_one():
    missing = sorted(set(modules()) - by_name() - by_docstring() - set(OPEN.split()))
    assert not missing, f"no test file covers {', '.join(missing)}: add one, or write 'Also covers ...' in a docstring"


def test_no_module_is_named_that_is_not_there():
    assert by_docstring() <= set(modules()), by_docstring() - set(modules())
