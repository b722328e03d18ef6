"""The rounds of a run: select, send, aggregate, evaluate, write down, again.

Flower's own loop (`Strategy.start`) always counts from round 1, cannot resume, and takes a round without replies for a
success. This one calls the same two methods of the same unmodified strategies.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flwr.app import ConfigRecord
from numpy.typing import NDArray

from qfl.best_round import Best, better
from qfl.config import Settings
from qfl.errors import KeyFolderError, RoundFailed
from qfl.federation.attacking.rows import with_left_out
from qfl.federation.grids.deadline import check_quorum
from qfl.federation.grids.radio import state_after
from qfl.federation.grids.selection import SelectionGrid
from qfl.federation.grids.signature import ServerIdentity
from qfl.federation.grids.stack import Transport
from qfl.federation.kept import taken_config
from qfl.federation.node_directory import Attendance
from qfl.federation.privacy.spending import Spending, able_of, said_of, why_over
from qfl.federation.records.ledger_writer import Kept, envelopes_of
from qfl.federation.records.pool_rows import with_pool
from qfl.federation.records.privacy_rows import with_privacy
from qfl.federation.records.radio_rows import with_radio
from qfl.federation.records.reply import Asked, MaskedSum, NoisyMean, Reply
from qfl.federation.records.round_metrics import clocked
from qfl.federation.records.rows import Evaluation, client_rows, round_row
from qfl.federation.runtime.progress import tell, tell_refusals
from qfl.federation.sample_upload import SampleUploads
from qfl.federation.state import MAX_FAILURES, State, contents, save
from qfl.federation.strategy.player import Player
from qfl.printable import printable
from qfl.results import Row, RunFolder, checkpoint_digest
from qfl.security.masking.member import FEWEST
from qfl.security.roster import Roster
from qfl.tracking.sinks.sinks import Sinks


@dataclass(frozen=True)
class Run:
    """What stays the same in all rounds of a run.

    Args:
        settings: The run's settings.
        folder: Where rows and checkpoints go.
        transport: What carries messages and replies.
        nodes: Node id of each client.
        choose: Gives the clients that take part in a round.
        identity: What the server signs and verifies with.
        roster: Gives the roster of this moment, and enrols first who is to be asked, where the run makes its own keys.
        player: The strategy, as it was before the first round.
        evaluate: The central test.
        announce: What every round's settings say beside what the strategy puts there.
        sinks: Where the rows go besides the folder.
        attendance: Keeps ``nodes`` up to date where clients come and go; None where all are there from the start.
        clients_keep: Whether clients keep things from round to round (`qfl.federation.kept`).
        with_attack: What the rows say of attackers (`qfl.federation.attacking.rows`).
        spending: What clients have spent of their privacy; None where there is no budget to spend.
        uploads: What clients told of their samples (`qfl.federation.sample_upload`).
    """

    settings: Settings
    folder: RunFolder
    transport: Transport
    nodes: Mapping[int, int]
    choose: Callable[[int], list[int]]
    identity: ServerIdentity
    roster: Callable[[Sequence[int]], Roster]
    player: Player
    evaluate: Callable[[NDArray], Evaluation]
    announce: Callable[[], Mapping[str, Any]] = dict
    sinks: Sinks = field(default_factory=Sinks)
    attendance: Attendance | None = None
    clients_keep: bool = False
    with_attack: Callable[[Row, list[Row], NDArray, bool], tuple[Row, list[Row]]] = lambda row, rows, *_: (row, rows)
    spending: Spending | None = None
    uploads: SampleUploads | None = None


def play(run: Run, state: State) -> State:
    """Run all rounds that are left and return the last state.

    Raises:
        RoundFailed: If three rounds in a row failed, or every round of a shorter run.
    """
    run.player.begin(state.memory)
    while state.round < run.settings.rounds:
        if ended := why_over(run.spending, state.round + 1, run.choose, FEWEST if run.transport.summed else 1):
            run.folder.update(ended=ended)
            break
        state = play_round(run, state)
        if state.failures == min(MAX_FAILURES, run.settings.rounds):
            last, first = run.folder.rounds()[-1]["failure"], state.round - state.failures + 1
            which = f"rounds {first} to {state.round}" if state.failures > 1 else f"round {state.round}"
            raise RoundFailed(f"{which} failed, so the run stops; the last: {last}")
    return state


def play_round(run: Run, state: State) -> State:
    """Run one round, write its rows and, where due, the checkpoint; return the state after it."""
    start, number, due, before = time.perf_counter(), state.round + 1, run.settings.round, state.angles
    metric, radio, last = run.transport.metric, run.transport.radio, run.settings.rounds
    run = as_of_now(run, number)
    if run.uploads:
        run.uploads.gather(run.nodes, run.identity, number)
    asked, select_s = clocked(lambda: select(run, state, number))
    run = with_roster(run, [each.client for each in asked])
    if run.spending:
        run.spending.ask(number, [each.client for each in asked])
    found = run.transport.grid(run.identity, number, before, state.air).exchange(asked)
    replies, one = found.replies, found.masked or found.noisy
    (after, failure), aggregate_s = clocked(lambda: aggregate(run.player, state, replies, due.quorum, one))
    if run.clients_keep and not failure:
        after = replace(after, taken=state.taken | {each.client: number for each in found.replies if each.accepted})
    tested = is_due(number, due.evaluate_every, last)
    evaluation, evaluate_s = clocked(lambda: run.evaluate(after.angles) if tested else Evaluation())
    after = replace(after, air=state_after(radio, state.air, found.radio), best=best_after(state, after, evaluation))
    found = found.spent(select=select_s, aggregate=aggregate_s, evaluate=evaluate_s, total=time.perf_counter() - start)
    rows, reported = client_rows(number, found.replies, metric.name), run.player.diagnostics
    row = round_row(number, rows, evaluation, found, metric.name, before, after.angles, reported, failure)
    row = with_privacy(row, run.spending, found.noisy)
    row, rows = with_radio(row, rows, radio, found.radio, after.air.clock_s)
    rows = with_left_out(rows, None if failure else clients_at(asked, run.player.left_out))
    row, rows = run.with_attack(row, rows, after.angles, tested)
    row, rows, clock_s = with_pool(row, rows, run.transport.pool, found.pool, state.pool_clock_s, tested)
    after = replace(after, pool_clock_s=clock_s)
    kept = is_due(number, due.checkpoint_every, last)
    write_down(run, after, row, rows, found.replies, keep=kept)
    run.sinks.row(row, kept)
    tell_refusals(rows)
    try:
        tell(row, metric)
    except BaseException:  # whoever listens ends the run: this round is kept, whenever its checkpoint was due
        save(run.folder, after)
        raise
    return after


def best_after(before: State, after: State, evaluation: Evaluation) -> Best | None:
    """Return the best round by the held-out samples, after one more.

    Args:
        before: The state before the round.
        after: The state after it.
        evaluation: Of its angles.
    """
    rated = evaluation.validation.score if evaluation.validation else None
    return better(before.best, after.round, rated, after.angles)


def clients_at(asked: Sequence[Asked], nodes: Collection[int] | None) -> list[int] | None:
    """Return those of the asked clients that are at nodes; None of None."""
    return None if nodes is None else [each.client for each in asked if each.message.metadata.dst_node_id in nodes]


def is_due(number: int, every: int, last: int) -> bool:
    """Tell whether a round is one of every so many, or the last.

    Args:
        number: The round.
        every: At least 1.
        last: The last round.

    Example:
        >>> [number for number in range(1, 6) if is_due(number, 2, 5)]
        [2, 4, 5]
    """
    return number % every == 0 or number == last


def as_of_now(run: Run, number: int) -> Run:
    """Return the run with the roster and the nodes of this moment: keys are revoked and hosts return between rounds."""
    if run.attendance:
        run.attendance.call(round_number=number)
        if run.attendance.refused != run.folder.header.get("roll_call"):
            run.folder.update(roll_call=run.attendance.refused)
    return with_roster(run)


def with_roster(run: Run, clients: Sequence[int] = ()) -> Run:
    """Return the run with the roster of this moment, which clients join that are asked for the first time."""
    if clients and all(map(run.identity.roster.enrols, clients)):
        return run
    try:
        roster = run.roster(clients)
    except KeyFolderError as error:  # an older or altered roster changes nothing, until the one at hand is out of date
        if run.identity.roster.expired():
            raise
        print(f"roster: {printable(error)}; the one of the round before stays", flush=True)
        return run
    return replace(run, identity=replace(run.identity, roster=roster))


def write_down(
    run: Run,
    state: State,
    row: dict[str, Any],
    rows: list[dict[str, Any]],
    replies: Sequence[Reply] = (),
    *,
    keep: bool = True,
) -> None:
    """Sign a round's entry of the ledger, append its rows, then replace the checkpoint.

    Rows later than the checkpoint are cut off at a resume; entries of the ledger never are.

    Args:
        run: The run, with the roster of the round.
        state: After the round.
        row: The round's.
        rows: One per asked client.
        replies: What the rows are of.
        keep: Whether a checkpoint is due.
    """
    if run.identity.ledger:
        digest, updates = checkpoint_digest(*contents(state)), envelopes_of(replies)
        left = Kept(state.round, state.angles, digest, row, rows, updates, said_of(run.spending))
        run.identity.ledger.write(left, run.identity.roster.version)
    run.folder.append("clients", rows)
    run.folder.append("rounds", [row])
    every = run.settings.round.archive_every
    if every and state.round and state.round % every == 0:
        run.folder.archive_checkpoint(*contents(state))
    if keep:
        save(run.folder, state)


def take_up(run: Run, state: State) -> None:
    """Sign in the ledger that a run goes on from a checkpoint.

    Raises:
        RunFolderError: If the checkpoint is not the one that was signed.
    """
    if run.identity.ledger:
        row, rows = (
            [row for row in table if row["round"] == state.round]
            for table in (run.folder.rounds(), run.folder.clients())
        )
        if run.spending:
            run.spending.require(run.identity.ledger.spent)
        digest, first = checkpoint_digest(*contents(state)), row[0] if row else {}
        left = Kept(state.round, state.angles, digest, first, rows, {}, said_of(run.spending))
        run.identity.ledger.take_up(left, run.identity.roster.version)


def select(run: Run, state: State, number: int) -> list[Asked]:
    """Return the messages that the strategy makes for the clients of a round, by ascending client number.

    Args:
        run: The run, with the nodes of this moment.
        state: Before the round: its angles are broadcast.
        number: The round.
    """
    chosen = able_of(run.spending, run.choose(number))
    clients = {run.nodes[client]: client for client in chosen}
    grid = SelectionGrid(run.transport.base, run.nodes, chosen)
    config = ConfigRecord(dict(run.announce()))
    if run.clients_keep:
        config.update(taken_config(state.taken, run.settings.clients.count))
    messages = run.player.configure(number, state.angles, config, grid)
    return sorted((Asked(clients[m.metadata.dst_node_id], m) for m in messages), key=lambda asked: asked.client)


def aggregate(
    player: Player,
    state: State,
    replies: Sequence[Reply],
    quorum: float,
    one: MaskedSum | NoisyMean | None = None,
) -> tuple[State, str | None]:
    """Return the state after the round, and why it failed (then angles and strategy are as before).

    Args:
        player: Of the strategy, which gets the replies as messages.
        state: Before the round.
        replies: One per asked client.
        quorum: Share of valid replies below which the round fails, in [0, 1].
        one: The mean of the valid replies, which the strategy gets in their place where updates are masked, or noise
            is added to it.

    Raises:
        ConfigError: If the strategy has come to hold what no checkpoint can.
    """
    number = state.round + 1
    try:
        if one and one.failure:
            raise RoundFailed(one.failure)
        check_quorum(replies, quorum)
        combined = [one.mean] if one and one.mean else replies
        angles = player.combine(number, [reply.to_message() for reply in combined], state.angles)
        return replace(state, round=number, angles=angles, memory=player.memory(), failures=0), None
    except RoundFailed as failure:
        player.begin(state.memory)
        return replace(state, round=number, failures=state.failures + 1), str(failure)
