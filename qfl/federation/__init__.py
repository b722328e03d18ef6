"""Federated learning on Flower: the only package that imports it.

A round is in `loop`, what a server does around its rounds in `server`, what a client does with a message in `client`.
Which node is which client is known to `node_directory`, what a client remembers to `client_state`; what Flower does not
promise to keep is in `adapter`. Five rooms hold the rest: `grids`, `strategy`, `records`, `worker`, `runtime`.
"""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.federation.adapter import PARTITION_ID_KEY as PARTITION_ID_KEY, become_server as become_server
    from qfl.federation.attacking.attack import attack_of as attack_of
    from qfl.federation.attacking.poisoned import success as success
    from qfl.federation.client import train as train
    from qfl.federation.grids.base import ReplyGrid as ReplyGrid
    from qfl.federation.grids.in_process import InProcessGrid as InProcessGrid
    from qfl.federation.grids.notifications import SELDOM_S as SELDOM_S, SOCKET as SOCKET
    from qfl.federation.records.messages import (
        ANGLES as ANGLES,
        ARRAYS as ARRAYS,
        CONFIG as CONFIG,
        CONTROL as CONTROL,
        METRIC as METRIC,
        METRICS as METRICS,
        REGULARISATION as REGULARISATION,
        ROUND as ROUND,
        SAMPLES as SAMPLES,
        metric_names as metric_names,
        reply_content as reply_content,
        to_record as to_record,
    )
    from qfl.federation.records.reply import Asked as Asked, Exchange as Exchange, Reply as Reply
    from qfl.federation.records.reply_status import ACCEPTED as ACCEPTED, ReplyStatus as ReplyStatus, missing as missing
    from qfl.federation.records.round_metrics import Bytes as Bytes, PHASES as PHASES
    from qfl.federation.records.rows import STATUSES as STATUSES
    from qfl.federation.runtime.cluster import require_ray as require_ray
    from qfl.federation.runtime.context import run_settings as run_settings
    from qfl.federation.runtime.environment import (
        OFFLINE as OFFLINE,
        at_home as at_home,
        child_environment as child_environment,
        credentials as credentials,
        free_ports as free_ports,
        go_offline as go_offline,
        open_here as open_here,
    )
    from qfl.federation.runtime.flower_run import follow_run as follow_run
    from qfl.federation.runtime.keys import enrol_asked as enrol_asked, prepare_keys as prepare_keys
    from qfl.federation.runtime.launch import (
        App as App,
        check_app as check_app,
        load_app as load_app,
        run_app as run_app,
    )
    from qfl.federation.runtime.progress import OnRound as OnRound
    from qfl.federation.runtime.roll_call import answer as answer
    from qfl.federation.runtime.superlink import SuperLink as SuperLink, descendants as descendants
    from qfl.federation.runtime.timing import collected as collected
    from qfl.federation.runtime.unix_socket import socket_address as socket_address
    from qfl.federation.server import prepare as prepare, serve as serve
    from qfl.federation.strategy.angle_strategy import AngleStrategy as AngleStrategy
    from qfl.federation.strategy.every_node import ANY_FLEET as ANY_FLEET
    from qfl.federation.strategy.global_draws import draws_of as draws_of
    from qfl.federation.strategy.own_rule import KEY as KEY, OwnRule as OwnRule, is_rule as is_rule
    from qfl.federation.strategy.player import Player as Player
    from qfl.federation.strategy.reply_order import in_order as in_order
    from qfl.federation.strategy.state import snapshot as snapshot
    from qfl.federation.strategy.step import adaptivity_floor as adaptivity_floor
    from qfl.federation.strategy.trust_strategy import TrustStrategy as TrustStrategy
    from qfl.federation.worker.resident import ask as ask, is_deployed as is_deployed

__getattr__, __dir__ = attributes(__name__)
