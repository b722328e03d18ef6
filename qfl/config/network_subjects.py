"""The settings of networks: graph models, device-to-device regions, and cell-free access points."""

from dataclasses import dataclass
from math import pi

from qfl.config.setting import Subject, setting
from qfl.specs import D2D_CHANNELS, OLD_FORMS

MESSAGES = ("cartan", "exponential", "strongly_entangling", "controlled", "conditional")
UPDATES = (*MESSAGES, "gated", "cartan_gated", "triangle")
"""Forms of U_MSG and U_UPD: `qfl.quantum.blocks.BLOCKS`."""


@dataclass(frozen=True)
class GnnSettings(Subject):
    """Graph networks (task = "d2d", and ap_user_gnn of task = "cell_free")."""

    layers: int = setting(3, "rounds of message passing", low=1, high=20)
    heads: int = setting(8, "star circuits per pair and layer (sqm_gnn, qgnn, ap_user_gnn)", low=1, high=256)
    neighbours: int | None = setting(
        None, "neighbours of a star, 2 qubits each (sqm_gnn, qgnn); 0 takes all", low=0, means={0: None}
    )
    sampling: str = setting(
        "strongest",
        "which neighbours: strongest, random (anew in every layer and step), all, or ranks (each head the next ones)",
        choices=("strongest", "random", "all", "ranks"),
    )
    repeats: bool = setting(True, "whether a layer may draw a neighbour that an earlier one had (sampling = random)")
    message: str = setting("cartan", "form of U_MSG (sqm_gnn)", choices=MESSAGES)
    update: str = setting("gated", "form of U_UPD (sqm_gnn)", choices=UPDATES, renamed=OLD_FORMS)
    node_hidden: int = setting(32, "hidden units that encode nodes (sqm_gnn, qgnn); 0 is linear", low=0, high=4096)
    edge_hidden: int = setting(16, "hidden units that encode edges (sqm_gnn, qgnn); 0 is linear", low=0, high=4096)
    feature_bound: float = setting(2.0, "most that features turn a qubit, rad (sqm_gnn, qgnn); 0 is no end", low=0.0)
    neighbour_subsampling: int = setting(
        6, "neighbours up to which a star keeps all in every shot (sqm_gnn); 0 never subsamples", low=0
    )
    cut: int = setting(
        0,
        "neighbours of a circuit, of which larger stars are products (engine = pennylane); 0 runs stars whole",
        low=0,
        high=6,
    )
    fewest_pairs: int = setting(
        0,
        "half of the steps train with the region's first pairs, from so many up (task = d2d); 0 always with all",
        low=0,
    )
    width: int = setting(32, "hidden units (wcgcn, gcn; readout of ap_user_gnn)", low=1, high=4096)


@dataclass(frozen=True)
class D2dSettings(Subject):
    """D2D regions, one a client (task = "d2d")."""

    pairs: int = setting(20, "D2D pairs of a region", low=2, high=500)
    channel: str = setting(
        "geometry", "ITU-1411 between places, i.i.d. fading, or your own power gains", choices=D2D_CHANNELS, own=True
    )
    field_m: float = setting(500.0, "edge of a region's square, m", low=1.0)
    min_pair_m: float = setting(2.0, "shortest direct link, m", low=0.1)
    max_pair_m: float = setting(65.0, "longest direct link, m", low=0.1)
    shadowing_db: float = setting(8.0, "standard deviation of shadowing, dB", low=0.0, high=40.0)
    fading: bool = setting(True, "Rayleigh fading on every link (geometry)")
    max_power_w: float = setting(1.0, "highest transmit power, W", low=1e-9)
    noise_dbm: float = setting(-104.0, "noise power at a receiver, dBm", low=-300.0, high=100.0)
    weighted: bool = setting(False, "weights of the pairs' rates uniform on [0, 1] instead of 1")
    samples: int = setting(200, "channel realisations that a region trains on", low=1)
    test_samples: int = setting(20, "fresh realisations of each region in the central test", low=1)
    density_spread: float = setting(0.0, "regions' edges are field-m times 2^u, u uniform in +-this", low=0.0, high=4.0)
    shadowing_spread_db: float = setting(0.0, "regions' shadowing differs uniformly in +-this, dB", low=0.0, high=40.0)


@dataclass(frozen=True)
class CellFreeSettings(Subject):
    """Cell-free networks (task = "cell_free"): clients.count access points, or as many regions (ap_user_gnn)."""

    aps: int = setting(4, "access points of a region (ap_user_gnn; edge models have one per client)", low=2, high=64)
    users: int = setting(3, "users", low=2, high=8)
    antennas: int = setting(2, "antennas of an access point", low=1, high=64)
    snr_db: float = setting(20.0, "transmit power of an access point over the noise, dB", low=-30.0, high=60.0)
    interference: float = setting(0.1, "share of a foreign signal's power that is received", low=0.0, high=1.0)
    csi_error: float = setting(0.0, "variance of the channel estimate over the mean gain", low=0.0, high=10.0)
    coherent: bool = setting(False, "an access point's signals add in phase with the others' of its user (edge models)")
    phase_error_rad: float = setting(
        0.0, "largest unknown phase of an access point, rad; of effect where coherent", low=0.0, high=pi
    )
    samples: int = setting(1000, "training channels (ap_user_gnn: of every region)", low=1, high=1_000_000)
    test_samples: int = setting(1000, "fresh channels of the central test", low=1, high=1_000_000)
    mode: str = setting("shared", "edge models", choices=("separate", "shared", "clustered"))
    clusters: int = setting(2, "clusters of access points (mode = clustered)", low=1)
    qubits: int = setting(3, "qubits of an edge register (edge_plus)", low=1, high=12)
    layers: int = setting(2, "uploads of an edge register (edge_plus)", low=1, high=100)
    loss: str = setting(
        "slnr",
        "edge models: the gap to the best SLNR, or the article's Eq. (17); ap_user_gnn: what is to be large",
        choices=("slnr", "target", "min_rate", "sum_rate"),
    )
    beams: str = setting("slnr", "closed-form beams of a region's access points (ap_user_gnn)", choices=("slnr", "mr"))
    assignment: str = setting(
        "extended",
        "how the cloud assigns users to access points",
        choices=("extended", "as_published", "identity", "classical", "algorithm4", "exhaustive"),
        renamed={"plus": "extended", "printed": "as_published"},
    )
    csi: str = setting("full", "what access points upload for the assignment", choices=("full", "gains"))
    cloud_steps: int = setting(1600, "gradient steps of the cloud's circuit before the first round", low=1)
    cloud_engine: str = setting(
        "exact",
        "circuit execution of the trained cloud's assignment; pennylane takes [device] and the mean of [noise]",
        choices=("exact", "pennylane"),
    )
    best_of: int = setting(1, "likeliest assignments that the cloud rates before it takes the best (csi = full)", low=1)
