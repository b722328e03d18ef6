"""Settings of solvers that go block by block: how many choose together, and how QAOA picks for them."""

from dataclasses import dataclass

from qfl.config.setting import Subject, setting


@dataclass(frozen=True)
class Blocks(Subject):
    """How a block descent chooses; of `qfl run` in ``[radio]`` and of `qfl compare` at the top.

    Example:
        >>> Blocks(qaoa_layers=5).qaoa_shots
        64
    """

    block_size: int = setting(2, "devices that choose together, in solvers that go block by block", low=1, high=12)
    qaoa_layers: int = setting(3, "depth p of QAOA", low=1, high=100)
    qaoa_shots: int = setting(64, "draws of a block, by QAOA and by its uniform baseline", low=1, high=1_000_000)
    qaoa_mixer: str = setting(
        "ideal",
        "QAOA's mixer: the exact one of the one-hot subspace, or one step of its product formula (on a device)",
        choices=("ideal", "trotter"),
    )
    qaoa_device: str = setting(
        "", "PennyLane device that runs QAOA, a qubit for each device and option; empty simulates it exactly"
    )


def block_faults(blocks: Blocks, prefix: str = "") -> list[str]:
    """Return a sentence for what cannot hold together.

    Args:
        blocks: The settings.
        prefix: Of their keys, such as ``"radio."``.

    Example:
        >>> block_faults(Blocks(qaoa_mixer="trotter"))
        ["qaoa-mixer = 'trotter' needs a device; set qaoa-device = 'default.qubit', or use 'ideal'"]
    """
    if blocks.qaoa_mixer == "trotter" and not blocks.qaoa_device:
        return [
            f"{prefix}qaoa-mixer = 'trotter' needs a device; set {prefix}qaoa-device = 'default.qubit', or use 'ideal'"
        ]
    return []
