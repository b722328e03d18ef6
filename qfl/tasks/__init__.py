"""What is to be learned: model, loss, samples and metric together, and the training of one client or of all at once."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.tasks.adversarial import Ball as Ball, Box as Box, Cap as Cap, pushed as pushed
    from qfl.tasks.build import building as building, is_own as is_own
    from qfl.tasks.cell_free.algorithm2 import (
        cloud_in_order as cloud_in_order,
        train_by_algorithm_2 as train_by_algorithm_2,
    )
    from qfl.tasks.cell_free.algorithm3 import sent as sent, train_by_algorithm_3 as train_by_algorithm_3
    from qfl.tasks.cell_free.blocks import Blocks as Blocks, block_of as block_of
    from qfl.tasks.cell_free.build import blocks_of as blocks_of, network_of as network_of
    from qfl.tasks.cell_free.cloud import (
        CloudTraining as CloudTraining,
        choose as choose,
        train_cloud as train_cloud,
        trained as trained,
    )
    from qfl.tasks.cell_free.edge_training import (
        EdgeTraining as EdgeTraining,
        train_edge as train_edge,
        trained_edge as trained_edge,
    )
    from qfl.tasks.cell_free.published_step import PublishedTraining as PublishedTraining
    from qfl.tasks.cell_free.region_task import RegionBatch as RegionBatch, RegionTask as RegionTask, decode as decode
    from qfl.tasks.cell_free.task import Batch as Batch, CellFreeTask as CellFreeTask
    from qfl.tasks.central import CentralTraining as CentralTraining, State as State, train_centrally as train_centrally
    from qfl.tasks.classify import ClassifyTask as ClassifyTask
    from qfl.tasks.d2d import D2dBatch as D2dBatch, D2dTask as D2dTask, PowerModel as PowerModel, d2d_batch as d2d_batch
    from qfl.tasks.d2d_regions import features_of as features_of
    from qfl.tasks.d2d_steps import fewer_pairs as fewer_pairs
    from qfl.tasks.depths import at_depth as at_depth, client_layers as client_layers
    from qfl.tasks.federation import (
        Announced as Announced,
        Federation as Federation,
        Predicting as Predicting,
        Samples as Samples,
        Task as Task,
        Trainable as Trainable,
        Uploading as Uploading,
    )
    from qfl.tasks.held_out import server_update as server_update
    from qfl.tasks.labelled import LabelledSamples as LabelledSamples, classifier_of as classifier_of, whole as whole
    from qfl.tasks.local import (
        ClientUpdate as ClientUpdate,
        Guidance as Guidance,
        UNGUIDED as UNGUIDED,
        train_clients as train_clients,
    )
    from qfl.tasks.local_steps import accumulated_steps as accumulated_steps, local_rate as local_rate
    from qfl.tasks.natural import MetricRequest as MetricRequest
    from qfl.tasks.personal import personal_entries as personal_entries
    from qfl.tasks.pool import PoolPlan as PoolPlan
    from qfl.tasks.regress import RegressTask as RegressTask

__getattr__, __dir__ = attributes(__name__)
