"""How much a run may tell of one client: differential privacy (``qfl.privacy``)."""

from dataclasses import dataclass

from qfl.config.setting import Subject, setting


@dataclass(frozen=True)
class PrivacySettings(Subject):
    """Who adds noise to what leaves a client, how much, and when a budget is spent."""

    mechanism: str = setting(
        "none",
        "who adds noise: the server to the mean (central), each client to its update (local), "
        "or each a share to a masked sum (distributed)",
        choices=("none", "central", "local", "distributed"),
    )
    epsilon: float | None = setting(
        None, "largest epsilon that a client may spend, above 0; -1 sets no budget", low=-1.0, means={-1.0: None}
    )
    noise_multiplier: float | None = setting(
        None,
        "noise over the most that one client can change what is released; 0 takes the least with which epsilon lasts",
        low=0.0,
        high=1e6,
        means={0.0: None},
    )
    delta: float = setting(
        1e-5, "probability with which epsilon may not hold, below 1 / clients.count", low=0.0, above=True, high=0.1
    )
    clip: float = setting(
        1.0, "longest movement of a client in a round, rad, every angle the short way round", low=1e-9, high=1e3
    )
    accountant: str = setting(
        "rdp", "how rounds add up: Renyi divergences, or privacy loss distributions", choices=("rdp", "pld")
    )
    colluding: int = setting(0, "clients whose noise the server may know (distributed)", low=0)
