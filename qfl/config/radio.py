"""The settings of the radio that carries the updates; off unless ``radio.on`` is true."""

from dataclasses import dataclass

from qfl.config.fields import setting


@dataclass(frozen=True)
class RadioSettings:
    """Which uplink the updates take, who schedules it for what, and when its round ends.

    Cell and motion carry the names and the defaults of `qfl.wireless.scenario.UplinkScenario` and
    `qfl.wireless.motion.Motion`, which say where each number is from; a test compares them.
    """

    on: bool = setting(False, "carry the updates over a simulated radio, on a virtual clock")
    objective: str = setting(
        "round_time",
        "what the allocation is for: round_time (one device at a time on a sub-channel), or all at once",
        choices=("round_time", "sum_rate", "weighted_sum_rate"),
    )
    weights: str = setting(
        "coverage",
        "weight of a device (weighted_sum_rate): its samples, or its samples over its rank among those with its label",
        choices=("samples", "coverage"),
    )
    solver: str = setting(
        "auto", "a solver of qfl.scheduling, or auto, qaoa, annealing, sca: the one that fits the objective"
    )
    evaluations: int = setting(0, "schedules the solver may try in one allocation; 0 is its own limit", low=0)
    warm_start: bool = setting(False, "begin each allocation at the one before")
    deadline_s: float = setting(0.0, "virtual seconds from broadcast to the radio's deadline; 0 waits for all", low=0.0)
    enough: int = setting(0, "the round ends early with so many updates in; 0 waits for all", low=0)
    frame_s: float = setting(
        0.0, "virtual seconds an allocation is kept when all send at once; 0 keeps it for the round", low=0.0
    )
    compute_s: float = setting(
        0.0,
        "virtual seconds of local training on a device of median speed (speeds as in selection = resource)",
        low=0.0,
    )
    # the cell
    num_channels: int = setting(20, "sub-channels", low=1, high=10_000)
    bandwidth_hz: float = setting(180e3, "of one sub-channel, Hz", low=0.0)
    radius_m: float = setting(1800.0, "largest distance from the base station, m", low=0.0)
    min_distance_m: float = setting(1.0, "smallest distance, m", low=0.0)
    drop: str = setting("distance", "where devices are: uniform in distance or in area", choices=("distance", "area"))
    path_loss: str = setting("3gpp_128", "path loss model", choices=("3gpp_128", "uma_los", "uma_mix", "sionna_uma"))
    shadowing_db: float = setting(0.0, "standard deviation of shadowing, dB", low=0.0)
    min_coupling_loss_db: float = setting(70.0, "smallest loss between device and receiver, dB", low=0.0)
    rician_k_db: float = setting(9.0, "K factor of Rician fading, dB; -300 is Rayleigh")
    correlated: bool = setting(False, "sub-channels of a device correlated by their frequency distance")
    delay_spread_s: float = setting(100e-9, "root mean square delay spread, s (correlated)", low=0.0)
    noise_figure_db: float = setting(5.0, "of the base station, dB", low=0.0)
    antenna_gain_dbi: float = setting(0.0, "of the base station, dBi")
    min_power_dbm: float = setting(0.0, "least power of a device that transmits, dBm; 0 dBm is 1 mW, not off")
    max_power_dbm: float = setting(24.0, "highest power of a device, dBm")
    variant: str = setting(
        "V1",
        "who sends at once: V1 all, V2 a device may have no sub-channel, V3 no power, V4 a limit per sub-channel",
        choices=("V1", "V2", "V3", "V4"),
    )
    max_per_channel: int = setting(0, "most devices on a sub-channel (V4); 0 is devices over sub-channels", low=0)
    se_cap: float = setting(0.0, "highest spectral efficiency, bit/s/Hz; 0 sets no cap", low=0.0)
    carrier_hz: float = setting(2e9, "carrier frequency, Hz", low=0.0)
    # how it changes from round to round
    motion: str = setting("still", "how devices move", choices=("still", "velocity", "waypoint"))
    fading: str = setting(
        "independent", "memory of the fading between rounds", choices=("independent", "gauss_markov", "jakes")
    )
    min_speed_mps: float = setting(0.5, "least speed of a device, m/s", low=0.0)
    max_speed_mps: float = setting(1.5, "highest speed, m/s", low=0.0)
    interval_s: float = setting(1.0, "seconds between rounds, as motion and fading see them", low=0.0)
    shadow_distance_m: float = setting(37.0, "way after which shadowing's correlation is 1/e, m", low=0.0)
