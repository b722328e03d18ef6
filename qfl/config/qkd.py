"""The link of ``security.qkd``: what is simulated, or where a real device's keys are asked for."""

from dataclasses import dataclass

from qfl.config.setting import Subject, setting


@dataclass(frozen=True)
class QkdSettings(Subject):
    """The quantum link between the server and each client."""

    protocol: str = setting(
        "bb84",
        "what is simulated: weak pulses with decoys, single photons, or entangled pairs",
        choices=("bb84", "bb84_single", "e91"),
    )
    channel: str = setting("fibre", "what the photons travel through", choices=("fibre", "free_space"))
    distance_km: float = setting(10.0, "length of the link, km", low=0.0, high=10_000.0)
    depolarising: float = setting(0.0, "probability that a photon's state is lost on the way", low=0.0, high=1.0)
    pulses: int = setting(30_000_000, "pulses, or pairs, of an exchange", low=1, high=10**12)
    rounds_per_exchange: int = setting(10, "rounds that the keys of one exchange are for", low=1, high=100_000)
    eavesdropper: str = setting(
        "none",
        "who is on the line",
        choices=("none", "intercept_resend", "breidbart", "photon_number_splitting", "jammer"),
    )
    tapped: float = setting(1.0, "share of the pulses that she touches", low=0.0, high=1.0)
    folder: str = setting("", "key management entity (security.qkd = etsi): folder of kme.json and certificates")
