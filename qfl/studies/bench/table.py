"""The benchmarks that there are: what each measures, and what measures it. Nothing heavy is imported to list them."""

from typing import NamedTuple


class Benchmark(NamedTuple):
    """One benchmark.

    Args:
        about: What it measures, in a line, and about how long that takes.
        function: ``module:function`` in this package, or in a paper's folder; it returns the numbers.
        in_checkout: Whether the function is given a checkout, whose app it runs in whole rounds.
        paper: The folder under ``examples/``, where the benchmark belongs to one.
    """

    about: str
    function: str
    in_checkout: bool = False
    paper: str = ""


BENCHMARKS = {
    "vqc": Benchmark(
        "one gradient step of 200 clients, beside PennyLane and, with the extra peers, JAX (1 to 2 minutes)",
        "vqc:bench_vqc",
    ),
    "round": Benchmark(
        "one signed round of 200 clients, beside Flower's Ray with PennyLane (2 minutes)", "round:bench_round", True
    ),
    "scale": Benchmark(
        "signed rounds of 100 clients out of 1,000 to 100,000: seconds, memory, start-up, growth (2 minutes)",
        "scale:bench_scale",
        True,
    ),
    "qaoa": Benchmark(
        "states of one-hot QAOA, beside PennyLane with the same mixer on qubits (half a minute)", "qaoa:bench_qaoa"
    ),
    "deploy": Benchmark(
        "a round over SuperLink and four nodes, ours and Flower's, beside the same in one process (3 minutes)",
        "deploy:bench_deploy",
        True,
    ),
    "ray": Benchmark(
        "a round on a Ray cluster of one, two and four machines, one of them lost in mid-round (3 minutes)",
        "raylets:bench_ray",
        True,
    ),
    "secagg": Benchmark(
        "a masked round of 200 clients, beside plain, encrypted (CKKS) and Flower's SecAgg+, up to 5,000 (3 minutes)",
        "secagg:bench_secagg",
    ),
    "star": Benchmark(
        "star circuits of SQM-GNN with gradient, beside PennyLane's simulators (1 minute)",
        "bench:bench_star",
        paper="sqm_gnn",
    ),
    "schedule": Benchmark(
        "matching and QAOA on the cell of the case study, and growth with the devices (1 minute)",
        "schedule:bench_schedule",
    ),
    "cellfree": Benchmark(
        "cost of a cell-free network's parts, growth with its size, and training (a minute)",
        "bench:bench_whole",
        paper="cell_free",
    ),
    "backbone": Benchmark(
        "schedulers of quantum jobs, cost of decisions, the policy's gates, several sites, regions (4 minutes)",
        "bench:bench_backbone",
        paper="q_backbone",
    ),
}
