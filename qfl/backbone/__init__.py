"""Q-Backbone: a control plane that decides when a quantum computer is asked, by which cuts, and by when.

After "Q-Backbone: A Quantum-Enhanced Control Plane for Future Communication Networks" (arXiv:2606.13248), in its words:
``infrastructure`` is what computes, ``runtime`` prepares, solves and verifies, ``orchestration`` decides
what runs where and when, and ``applications`` are what controllers ask for.
"""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.backbone.applications.anomaly.detectors import (
        DETECTORS as DETECTORS,
        area_under_curve as area_under_curve,
        detect as detect,
    )
    from qfl.backbone.applications.anomaly.telemetry_rows import draw_telemetry as draw_telemetry
    from qfl.backbone.applications.autoencoder.block_errors import (
        Decide as Decide,
        block_errors as block_errors,
        hard as hard,
        maximum_likelihood as maximum_likelihood,
    )
    from qfl.backbone.applications.autoencoder.codebooks import (
        Codebook as Codebook,
        hamming as hamming,
        uncoded as uncoded,
    )
    from qfl.backbone.applications.autoencoder.encoders import ENCODERS as ENCODERS
    from qfl.backbone.applications.autoencoder.learn import learn as learn
    from qfl.backbone.applications.forecast.forecasters import (
        FORECASTERS as FORECASTERS,
        QUANTUM as QUANTUM,
        predict as predict,
    )
    from qfl.backbone.applications.forecast.series import DAY as DAY, draw_traffic as draw_traffic, windows as windows
    from qfl.backbone.applications.learning import checkpoint_of as checkpoint_of
    from qfl.backbone.applications.posed import Posed as Posed, pose as pose
    from qfl.backbone.applications.ris import draw_channels as draw_channels
    from qfl.backbone.applications.slice_instances import as_request as as_request, draw_slices as draw_slices
    from qfl.backbone.applications.traffic.abilene import ABILENE as ABILENE, hourly_demands as hourly_demands
    from qfl.backbone.applications.traffic.blocks import (
        SAMPLERS as SAMPLERS,
        block_descent as block_descent,
        draw_block as draw_block,
    )
    from qfl.backbone.applications.traffic.heuristics import (
        descend as descend,
        equal_cost_utilisation as equal_cost_utilisation,
        greedy as greedy,
        reweighted as reweighted,
        shortest as shortest,
    )
    from qfl.backbone.applications.traffic.linear import exact as exact, utilisation_bound as utilisation_bound
    from qfl.backbone.applications.traffic.networks import draw_network as draw_network
    from qfl.backbone.applications.traffic.paths import forget_paths as forget_paths
    from qfl.backbone.applications.traffic.regional import in_regions as in_regions
    from qfl.backbone.applications.traffic.regions import regions_of as regions_of
    from qfl.backbone.applications.traffic.routing import Choice as Choice, Routing as Routing, routing as routing
    from qfl.backbone.applications.traffic.spatial import route_by_region as route_by_region
    from qfl.backbone.applications.traffic.surrogate import optimise as optimise, surrogate as surrogate
    from qfl.backbone.infrastructure.backend import Backend as Backend
    from qfl.backbone.infrastructure.pool import Pool as Pool, describe as describe, read_pool as read_pool
    from qfl.backbone.orchestration.annealing import anneal as anneal
    from qfl.backbone.orchestration.attempt import JITTER as JITTER
    from qfl.backbone.orchestration.bound import bound as bound
    from qfl.backbone.orchestration.constraint_program import close_gap as close_gap
    from qfl.backbone.orchestration.hand_over import run_sites as run_sites
    from qfl.backbone.orchestration.instances import (
        WorkloadSettings as WorkloadSettings,
        draw_arrivals as draw_arrivals,
        draw_workload as draw_workload,
    )
    from qfl.backbone.orchestration.jobs import Job as Job, Workload as Workload
    from qfl.backbone.orchestration.learned import learn_again as learn_again, plain_decision as plain_decision
    from qfl.backbone.orchestration.online import Outage as Outage, run_online as run_online
    from qfl.backbone.orchestration.paper_annealing import paper_annealing as paper_annealing
    from qfl.backbone.orchestration.policy.decide import CLASSICAL as CLASSICAL, InvocationPolicy as InvocationPolicy
    from qfl.backbone.orchestration.policy.features import (
        Context as Context,
        HardwareState as HardwareState,
        ProblemFeatures as ProblemFeatures,
        problem_features as problem_features,
    )
    from qfl.backbone.orchestration.policy.world import World as World, planted as planted, swelling as swelling
    from qfl.backbone.orchestration.registry import SCHEDULERS as SCHEDULERS, schedule as schedule
    from qfl.backbone.orchestration.round_jobs import (
        ClientJob as ClientJob,
        NEVER_S as NEVER_S,
        PoolRound as PoolRound,
        run_round as run_round,
        training_job as training_job,
    )
    from qfl.backbone.orchestration.schedule import QuantumSchedule as QuantumSchedule, violations as violations
    from qfl.backbone.orchestration.site_check import site_faults as site_faults
    from qfl.backbone.orchestration.site_instances import SitesSettings as SitesSettings, draw_sites as draw_sites
    from qfl.backbone.orchestration.sites import SiteFailure as SiteFailure, Sites as Sites, SitesRun as SitesRun
    from qfl.backbone.orchestration.telemetry import FILE as FILE, telemetry_in as telemetry_in
    from qfl.backbone.runtime.cutting.cuts import Cut as Cut, GateCut as GateCut, WireCut as WireCut, cost as cost
    from qfl.backbone.runtime.cutting.fitted import FittedCircuit as FittedCircuit, PieceLoad as PieceLoad, fit as fit
    from qfl.backbone.runtime.cutting.pieces import cut as cut
    from qfl.backbone.runtime.cutting.placement import place_cuts as place_cuts
    from qfl.backbone.runtime.cutting.reconstruct import (
        Run as Run,
        circuits_of as circuits_of,
        exactly as exactly,
        expectations as expectations,
        join as join,
        subcircuits as subcircuits,
        tensor_of as tensor_of,
    )
    from qfl.backbone.runtime.cutting.variance import shot_noise as shot_noise
    from qfl.backbone.runtime.pipeline.reduce import reduce as reduce
    from qfl.backbone.runtime.pipeline.solve import solve as solve
    from qfl.backbone.runtime.pipeline.verify import verify as verify
    from qfl.backbone.runtime.structure import compiled as compiled, structure_of as structure_of
    from qfl.backbone.runtime.templates.angles import learn_angles as learn_angles
    from qfl.backbone.runtime.templates.folder import (
        Templates as Templates,
        list_templates as list_templates,
        read_templates as read_templates,
        register as register,
    )
    from qfl.backbone.runtime.templates.learn import Found as Found, learn_templates as learn_templates
    from qfl.backbone.service.serve import serve as serve

__getattr__, __dir__ = attributes(__name__)
