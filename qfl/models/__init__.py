"""What a client trains: one model a file, each a pure function of an angle vector and inputs."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.models.ap_user_gnn import ApUserGnn as ApUserGnn, Choice as Choice
    from qfl.models.ap_user_stars import Gain as Gain
    from qfl.models.circuit_layer import CircuitLayer as CircuitLayer
    from qfl.models.cloud_edge.cloud import (
        CLOUDS as CLOUDS,
        Cloud as Cloud,
        PrintedCloud as PrintedCloud,
        make_cloud as make_cloud,
    )
    from qfl.models.cloud_edge.decoding import MOST as MOST, candidates as candidates
    from qfl.models.cloud_edge.edge import Edge as Edge, make_edge as make_edge
    from qfl.models.cloud_edge.limits import exchangeable_limit as exchangeable_limit
    from qfl.models.cloud_edge.objectives import (
        assignment_target as assignment_target,
        candidate_rates as candidate_rates,
        least_rates as least_rates,
        precoding_target as precoding_target,
        squared_distance as squared_distance,
        vector_target as vector_target,
    )
    from qfl.models.cloud_edge.plus import pair_circuit as pair_circuit
    from qfl.models.cloud_edge.printed import (
        Order as Order,
        appendix_circuit as appendix_circuit,
        cloud_circuit as cloud_circuit,
        edge_circuit as edge_circuit,
        lemma_1 as lemma_1,
    )
    from qfl.models.cloud_edge.trainability import (
        assignment_losses as assignment_losses,
        expectation_norms as expectation_norms,
        loss_norms as loss_norms,
        printed_bounds as printed_bounds,
        random_angles as random_angles,
        shift_norms as shift_norms,
        single_neuron as single_neuron,
    )
    from qfl.models.features import Features as Features, fit_features as fit_features
    from qfl.models.graph_device import DeviceGraph as DeviceGraph, DevicePairs as DevicePairs
    from qfl.models.mlp import Mlp as Mlp, make_mlp as make_mlp
    from qfl.models.model import Model as Model, num_quantum as num_quantum
    from qfl.models.model_file import save_model as save_model
    from qfl.models.own_checks import checked_model as checked_model
    from qfl.models.qsgcn import Qsgcn as Qsgcn, graph_circuit as graph_circuit, qubits as qubits
    from qfl.models.sqm_gnn import SqmGnn as SqmGnn
    from qfl.models.star_count import circuits_per_node as circuits_per_node, num_qubits as num_qubits
    from qfl.models.star_device import (
        DeviceStars as DeviceStars,
        largest_circuit as largest_circuit,
        on_device as on_device,
    )
    from qfl.models.star_gnn import StarGnn as StarGnn
    from qfl.models.star_layer import exact as exact, sampled as sampled
    from qfl.models.star_product import multiplied as multiplied
    from qfl.models.vqc import Vqc as Vqc
    from qfl.models.weights import (
        require_entries as require_entries,
        require_features as require_features,
        weight_layout as weight_layout,
    )

__getattr__, __dir__ = attributes(__name__)
