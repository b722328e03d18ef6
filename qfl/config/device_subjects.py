"""The settings of the hardware that circuits run on: a device or a pool of them, and its noise."""

from dataclasses import dataclass

from qfl.config.setting import Subject, setting


@dataclass(frozen=True)
class DeviceSettings(Subject):
    """The PennyLane device (engine = "pennylane"), or the pool of QPUs (engine = "pool")."""

    name: str = setting("default.qubit", "PennyLane device")
    shots: int | None = setting(None, "shots per expectation value; 0 is exact", low=0, means={0: None})
    mitigation: str = setting(
        "none",
        "errors that are undone: readout errors inverted, noise of gates extrapolated to none (zne), or both",
        choices=("none", "readout", "zne", "readout+zne"),
    )
    scales: str = setting("1, 3", "factors by which folded gates scale the noise, the first 1 (zne)", listed=True)
    extrapolation: str = setting(
        "richardson", "curve through the scaled values (zne)", choices=("richardson", "linear", "exponential")
    )
    pool: str = setting("", "TOML file of simulated QPUs on which clients' circuits are jobs (engine = pool)")
    deadline_s: float | None = setting(
        None,
        "virtual seconds from the broadcast in which a client's job must be done on the pool; 0 waits for all",
        low=0.0,
        means={0.0: None},
    )
    scheduler: str = setting(
        "moore_hodgson",
        "who runs on which QPU of the pool when",
        choices=("ours", "moore_hodgson", "greedy", "list", "random"),
    )


@dataclass(frozen=True)
class NoiseSettings(Subject):
    """Noise of the clients' quantum hardware (engine = "pennylane")."""

    depolarising: float = setting(
        0.0, "depolarising probability after every gate, mean over clients", low=0.0, high=0.5
    )
    readout: float = setting(0.0, "probability that a measured bit flips, mean over clients", low=0.0, high=0.5)
    spread: float = setting(0.0, "relative standard deviation of the strength between clients", low=0.0, high=5.0)
    drift: float = setting(0.0, "relative step of the strength's random walk per round", low=0.0, high=1.0)
    calibration: str = setting(
        "",
        "calibration of the clients' devices: a .toml or .json file, several with commas, or a folder, dealt in turn",
    )
    qubits: str = setting("", "calibrated qubits that are the circuit's wires, such as 0,1,4,7; empty takes all")
    model: str = setting("", "PennyLane noise model of your own, or a function of client and round", own=True)
    my: str = setting("", "settings of an object of your own: a table, [noise.my]")
