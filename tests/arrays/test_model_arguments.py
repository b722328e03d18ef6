"""Array arguments of the models, of any type and extent."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from qfl.config import ModelSettings
from qfl.models import ap_user_gnn, features, gcn, qgnn, qsgcn, sqm_gnn, star_inputs, stars, wcgcn, weights
from qfl.models.ap_user_stars import pair_stars
from qfl.models.cnn import make_cnn
from qfl.models.logistic import make_logistic
from qfl.models.mlp import make_mlp
from qfl.models.vqc import Vqc

GENERATOR = np.random.default_rng(1)


def real(*shape: int, low: float = 0.5) -> np.ndarray:
    return GENERATOR.uniform(low, 2.5, shape)


def tensors(**arrays: np.ndarray) -> dict[str, Any]:
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


CHOSEN = torch.tensor([[1, 2], [0, 2], [0, 1]])

Row = tuple[Callable[..., Any], dict[str, Any]]


def rows() -> Iterator[Row]:
    for classifier in (make_mlp(16, 3, hidden=2), make_logistic(16, 3), make_cnn(16, 3, hidden=2)):
        angles = real(2, len(classifier.layout))
        yield classifier.logits, tensors(angles=angles, inputs=real(2, 3, 16))
        yield classifier.logits, tensors(angles=angles[0], inputs=real(3, 16))
    quantum = Vqc(ModelSettings(layers=1, encoding="angle"), 3, 3)
    yield quantum.logits, tensors(angles=real(2, len(quantum.layout)), inputs=real(2, 3, 3))
    for told in (
        sqm_gnn.SqmGnn(layers=1, heads=1),
        qgnn.Qgnn(layers=1, heads=1),
        wcgcn.Wcgcn(layers=1, width=2, state=2),
    ):
        angles = real(1, len(told.layout)) / 9
        yield told.powers, tensors(angles=angles, gain=real(1, 2, 3, 3), alpha=real(1, 2, 3))
    for graph in (gcn.Gcn(layers=1, width=2), qsgcn.Qsgcn(layers=1)):
        yield graph.powers, tensors(angles=real(len(graph.layout)) / 9, gain=real(2, 3, 3), alpha=real(2, 3))
    drawn = sqm_gnn.SqmGnn(layers=1, heads=1, k=2, sampling="random")
    chosen = CHOSEN.expand(1, 1, 2, 3, 2).numpy()
    yield drawn.powers, tensors(angles=real(1, len(drawn.layout)) / 9, gain=real(1, 2, 3, 3), chosen=chosen)
    pairs = ap_user_gnn.ApUserGnn()
    gain = tensors(gain=real(1, 1, 3, 2, 2))
    yield pairs.choose, tensors(angles=real(1, len(pairs.layout)) / 9) | gain | {"interference": 0.1}
    yield pair_stars, gain | {"interference": 0.1}
    yield weights.split_weights, tensors(vector=real(3)) | {"shapes": {"weight": (1, 2), "bias": (1,)}}
    snr, alpha = tensors(snr=real(1, 2, 3, 3)), tensors(alpha=real(1, 2, 3))
    yield star_inputs.strongest_stars, {"features": features.ITU_1411, "k": 2} | snr | alpha
    yield star_inputs.chosen_stars, {"features": features.ITU_1411} | snr | alpha | tensors(chosen=chosen)
    yield features.ITU_1411.node_values, snr | alpha
    yield features.ITU_1411.edge_values, snr
    yield features.fit_features, snr | {"node": ("direct", "alpha")} | alpha
    yield stars.check_gain, tensors(gain=real(2, 3, 3))
    yield stars.strongest, tensors(gain=real(2, 3, 3)) | {"k": 2}
    yield stars.canonical, tensors(gain=real(3, 3)) | {"chosen": CHOSEN}
    yield stars.interfering, tensors(gain=real(2, 3, 3))


def test_numbers_of_any_type_give_what_doubles_give(case, agrees_for_any_type):
    agrees_for_any_type(case)


def test_other_extents_and_meaningless_numbers_are_computed_with_or_refused_in_a_sentence(case, computes_or_refuses):
    computes_or_refuses(case)
