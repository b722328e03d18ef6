"""Precoders in closed form from what one access point knows: a unit vector for every user it might serve."""

import torch
from jaxtyping import Complex
from torch import Tensor

from qfl.arrays import checked
from qfl.seeds import stream
from qfl.wireless.cell_free.network import CellFree

Beams = Complex[Tensor, "sample ap user antenna"]


@checked()
def max_ratio(channel: Beams) -> Beams:
    r"""Return maximum ratio transmission :math:`h^* / \lVert h \rVert`: the strongest signal at the user.

    Example:
        >>> torch.view_as_real(max_ratio(torch.tensor([[[[3 + 0j, 4j]]]]))).flatten().tolist()  # 0.6 and -0.8i
        [0.60..., -0.0, 0.0, -0.80...]

    Reference:
        Narottama et al., section IV-A.
    """
    return unit(channel.conj())


@checked()
def unconjugated(channel: Beams) -> Beams:
    r"""Return :math:`h / \lVert h \rVert`, as Appendix C prints it: a slip, since :math:`h^T h` is not the norm."""
    return unit(channel)


@checked()
def slnr(channel: Beams, network: CellFree) -> Beams:
    r"""Return the maximiser of signal to leakage and noise, local and in closed form.

    .. math::
        v_{mk} \propto \Big( \mu \sum_{j \ne k} h_{mj}^* h_{mj}^T + I / \rho \Big)^{-1} h_{mk}^*

    Its ratio is :math:`\rho |h_{mk}^T v|^2 / (\rho \mu \sum_{j \ne k} |h_{mj}^T v|^2 + 1)`. By the matrix inversion
    lemma the sum may run over all users: the vector only changes its length.

    Reference:
        Sadek, Tarighat and Sayed, A leakage-based precoding scheme for downlink multi-user MIMO channels, 2007.
    """
    all_users = torch.einsum("smka,smkb->smab", channel.conj(), channel)
    noise = torch.eye(channel.shape[-1], dtype=channel.dtype, device=channel.device) / network.snr
    # access point antenna user
    wanted = channel.conj().mT
    return unit(torch.linalg.solve(network.interference * all_users + noise, wanted).mT)


@checked()
def random_unit(channel: Beams, seed: int) -> Beams:
    """Return directions uniform on the complex sphere, not looking at the channel: the floor."""
    generator = stream(seed, "cell_free", "random precoder")
    parts = generator.standard_normal((*channel.shape, 2))
    return unit(torch.from_numpy(parts[..., 0] + 1j * parts[..., 1])).to(channel.dtype)


@checked()
def unit(vector: Beams) -> Beams:
    """Return the vectors at norm 1."""
    return vector / torch.linalg.vector_norm(vector, dim=-1, keepdim=True).clamp(min=torch.finfo(vector.dtype).tiny)
