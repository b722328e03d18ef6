"""From the settings of block descents to the options of a solver by name."""

from typing import Any

from qfl.config.blocks import Blocks
from qfl.scheduling.specs import Kind, specs_of


def block_options(name: str, kind: Kind, blocks: Blocks) -> dict[str, Any]:
    """Return those options of a solver that the settings give; none for one that does not go block by block.

    Args:
        name: Of a row of `qfl.scheduling.specs.SOLVERS`, or another name of one.
        kind: Of the problem.
        blocks: The settings.

    Example:
        >>> block_options("qaoa_bcd", "rates", Blocks(qaoa_layers=5))
        {'block_size': 2, 'layers': 5, 'shots': 64}
        >>> block_options("greedy", "rates", Blocks())
        {}
    """
    options = specs_of(name)[kind].options
    given = {"block_size": blocks.block_size, "layers": blocks.qaoa_layers, "shots": blocks.qaoa_shots}
    found: dict[str, Any] = {option: value for option, value in given.items() if option in options}
    if "layers" in options and blocks.qaoa_device:
        from qfl.scheduling.solvers.pennylane_qaoa import PennyLaneQAOA

        found["sampler"] = PennyLaneQAOA(blocks.qaoa_device, blocks.qaoa_mixer)
    return found
