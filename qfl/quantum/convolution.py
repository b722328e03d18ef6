"""A quantum graph convolution: what a star circuit does with each neighbour, edge and centre.

Two kinds fit the star engine (`qfl.quantum.star`), and both become one real 12 x 16 matrix per head, which takes the
outer product of (1, edge) and (1, neighbour) to an affine map of the centre:

- message and update: U_MSG on every (edge, neighbour), a block of two wires, then U_UPD on (neighbour, centre) or on
  (edge, neighbour, centre), a block of two or three;
- one unitary, a block of three wires: U on (edge, neighbour, centre), neighbour after neighbour.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.config.setting import new_word
from qfl.quantum.blocks import BLOCKS, Block, Gates
from qfl.quantum.periods import shortest_periods
from qfl.quantum.star import pauli_tensor
from qfl.quantum.transfer import Transfer, carried_back, kept_tensor
from qfl.specs import OLD_FORMS


@dataclass(frozen=True)
class Convolution:
    """The blocks of one layer of star circuits.

    Args:
        message: Form of U_MSG or of the one unitary, a key of `qfl.quantum.blocks.BLOCKS`.
        update: Form of U_UPD, on two wires or three; empty if there is one unitary.

    Raises:
        ValueError: If a form is unknown or acts on the wrong number of wires.

    Example:
        >>> Convolution("cartan", "cartan").num_angles, Convolution("triangle").num_angles
        (30, 45)
    """

    message: str
    update: str = ""

    def __post_init__(self):
        for part in ("message", "update"):
            object.__setattr__(self, part, new_word(part, getattr(self, part), OLD_FORMS))
        sizes = ((2,), (2, 3)) if self.update else ((3,),)
        for name, allowed in zip(self.forms, sizes, strict=True):
            if name not in BLOCKS or BLOCKS[name].num_wires not in allowed:
                known = ", ".join(name for name, block in BLOCKS.items() if block.num_wires in allowed)
                wires = " or ".join(map(str, allowed))
                raise ValueError(f"unitary {name!r}: expected a block of {wires} wires: {known}")

    @property
    def forms(self) -> tuple[str, ...]:
        """Names of the blocks."""
        return (self.message, self.update) if self.update else (self.message,)

    @property
    def names(self) -> tuple[str, ...]:
        """What the blocks are called in a model's vector."""
        return ("message", "update") if self.update else ("unitary",)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks, in the order of their angles."""
        return tuple(BLOCKS[name] for name in self.forms)

    @property
    def num_angles(self) -> int:
        """Count the angles of a head."""
        return sum(block.num_angles for block in self.blocks)

    def joint(
        self, angles: Float[Tensor, "*head angle"], noise: Transfer | None = None
    ) -> Float[Tensor, "*head 12 16"]:
        """Return the matrix that takes (1, edge) x (1, neighbour) to the centre's affine map, for many heads.

        Args:
            angles: Those of U_MSG, then those of U_UPD, or those of the one unitary.
            noise: A channel after every gate.
        """
        parts = torch.split(angles, [block.num_angles for block in self.blocks], -1)
        if self.blocks[-1].num_wires == 3:
            tensor = kept_tensor(self.blocks[-1], parts[-1], noise)
            for block, part in zip(self.blocks[:-1], parts[:-1], strict=True):
                tensor = carried_back(tensor, block, part, noise)
            maps = tensor[..., 1:, :, :, :].movedim(-1, -3)
        else:
            message, update = (_tensor(*both, noise) for both in zip(self.blocks, parts, strict=True))
            maps = torch.einsum("...abc,...bde->...acde", update[..., 1:, :, :], message)
        return maps.flatten(-4, -3).flatten(-2)

    def periods(self) -> tuple[float, ...]:
        """Return the smallest shift of each angle that leaves every centre as it is, for every number of neighbours.

        Edges and neighbours are traced out, so it may be shorter than the gates' own; entries of a block that is no
        sequence of gates have none.

        Example:
            >>> [Convolution("cartan", form).periods()[-1] / torch.pi for form in ("cartan", "conditional", "gated")]
            [2.0, 2.0, 1.0]
        """
        return _periods(self)

    def gates(self, k: int) -> Gates:
        """Return the gates on centre 0, neighbours 1 ... k and edges k + 1 ... 2k.

        Raises:
            ValueError: If a block is no sequence of gates.
        """
        if any(block.gates is None for block in self.blocks):
            raise ValueError(f"{' and '.join(self.forms)}: no sequence of gates, so there is no circuit; take 'cartan'")
        if not self.update:
            steps = [((k + j, j, 0), 0, 0) for j in range(1, k + 1)]
        else:
            steps = [((k + j, j), 0, 0) for j in range(1, k + 1)]
            edge = self.blocks[1].num_wires == 3
            steps += [((k + j,) * edge + (j, 0), 1, self.blocks[0].num_angles) for j in range(1, k + 1)]
        return tuple(gate for wires, which, first in steps for gate in self.blocks[which].gates(wires, first))  # type: ignore[misc]


@lru_cache(maxsize=64)
def _periods(convolution: Convolution) -> tuple[float, ...]:
    longest, degrees = zip(*(pair for block in convolution.blocks for pair in block.longest), strict=True)
    with torch.inference_mode(False), torch.no_grad():
        return tuple(shortest_periods(convolution.joint, longest, degrees))


def _tensor(block: Block, angles: Tensor, noise: Transfer | None) -> Tensor:
    if noise is None and block.num_wires == 2:
        return pauli_tensor(block.unitary(angles))
    return kept_tensor(block, angles, noise)
