"""Tables of the report: ratios, nouns and rows equal those computed by hand."""

from qfl.report.record import Record
from qfl.report.tables import MOST_ROUNDS, comparison, facts, model_facts, round_rows

MODEL = {"name": "vqc", "parameters": 12, "qubits": 6, "depth": 1, "angles": 12, "others": 0}
HEADER = {
    "model": MODEL,
    "uplink": {"model_bytes": 48},
    "baselines": [{"name": "mlp", "parameters": 1200, "uplink_bytes": 4800}, "damaged", {"name": "own"}],
}


def test_one_is_singular_and_nothing_is_left_out():
    assert model_facts(Record(HEADER, [], [])) == "variational quantum circuit: 6 qubits, 1 layer, 12 angles."
    assert model_facts(Record({"model": MODEL | {"others": 1}}, [], [])).endswith("12 angles, 1 other parameter.")
    assert model_facts(Record({}, [], [])) == ""


def test_models_are_compared_by_the_bytes_of_the_one_that_was_trained():
    ours, mlp, unknown = comparison(Record(HEADER, [], []))
    assert (ours.ours, ours.parameters, ours.ratio) == (True, "12", "1")
    assert (mlp.name, mlp.parameters, mlp.ratio) == ("multilayer perceptron", "1,200", "100")
    assert (unknown.name, unknown.ratio, unknown.ours) == ("own", "", False)
    assert comparison(Record(HEADER | {"uplink": {}}, [], []))[1].ratio == ""


def test_rows_are_the_last_rounds_and_bytes_are_summed_over_their_parts():
    rows = [
        {"round": k, "accuracy": 0.5, "bytes_up": {"model": 1000, "signature": 200}} for k in range(MOST_ROUNDS + 5)
    ]
    table = round_rows(Record({}, rows, []))
    assert len(table) == MOST_ROUNDS and table[0][0] == "5" and table[-1][0] == str(MOST_ROUNDS + 4)
    assert table[0][1] == "50.0\N{NO-BREAK SPACE}%" and table[0][6] == "\N{EN DASH}"  # the envelope is not known
    rows = [{"round": 1, "bytes_up": {"model": 1000, "signature": 200, "envelope": 34}}]
    assert round_rows(Record({}, rows, []))[0][6] == "1.23\N{NO-BREAK SPACE}kB"


def test_facts_that_are_not_known_are_left_out_and_the_last_digest_stands_for_the_end():
    header = {"source": "abc", "host": {"cores": 4, "machine": "x86_64"}}
    named = dict(facts(Record(header, [{"round": 3, "angles_sha256": "def"}], [])))
    assert named == {"source digest": "abc", "angle digest": "def", "machine": "4 cores, x86_64"}
    assert dict(facts(Record(header | {"final": {"angles_sha256": "end"}}, [], [])))["angle digest"] == "end"
