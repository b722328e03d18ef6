"""What broadcasts ask of clients' steps: refused where it cannot be, and the same as asking by hand where it can."""

import numpy as np
import pytest
from flwr.app import ConfigRecord

from qfl.aggregation.delta import delta_mean
from qfl.errors import Rejection
from qfl.federation.guidance import request_of
from qfl.tasks.build import build
from qfl.tasks.local import Guidance, train_clients
from qfl.tasks.natural import MetricRequest

ASKED = {"metric": "block-diag", "metric-regularisation": 0.2, "metric-samples": 3}


def test_a_federation_of_natural_gradients_is_the_mean_of_what_its_clients_do(small, federate):
    flat = {"strategy--name": "fedqng", "strategy--regularisation": 0.2, "strategy--metric-samples": 3}
    folder = federate(small(**flat))
    federation = build(small())
    angles, layout = federation.model.initial(small().seed), federation.model.layout
    for number in (1, 2):
        guidance = Guidance(metric=MetricRequest("block-diag", 0.2, 3))
        updates = train_clients(federation, angles, number, range(6), guidance)
        weights = np.array([float(update.num_examples) for update in updates])
        angles = delta_mean(angles, np.stack([update.angles for update in updates]), weights, layout).angles
    np.testing.assert_allclose(folder.header["final"]["angles"], angles, atol=1e-12)


def test_what_is_asked_is_read(small):
    request = request_of(ConfigRecord({**ASKED, "proximal-mu": 0.5}), np.zeros(6), build(small()))
    assert (request.proximal_mu, request.metric) == (0.5, MetricRequest("block-diag", 0.2, 3))
    assert request_of(ConfigRecord(), np.zeros(6), build(small())).metric is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"metric": "full"},
        {"metric": 7},
        {"metric-regularisation": 0.0},
        {"metric-regularisation": "much"},
        {"metric-samples": 0},
        {"proximal-mu": "much"},
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(wrong, small):
    with pytest.raises(Rejection, match="bad-config"):
        request_of(ConfigRecord({**ASKED, **wrong}), np.zeros(6), build(small()))


def test_a_metric_is_not_asked_of_a_model_without_a_circuit(small):
    with pytest.raises(Rejection, match="bad-config: 'metric' is asked of a model without a circuit"):
        request_of(ConfigRecord(ASKED), np.zeros(6), build(small(model__name="mlp")))
