"""``qfl doctor``: what is installed and usable here, what is missing, and how to get it."""

import json
import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from qfl.api.checkout import find_checkout
from qfl.cli.parsing import Commands, add_command
from qfl.shipped import in_checkout, install

EXAMPLES = """
qfl doctor
qfl doctor --data /data/images --json
"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for.

    Args:
        name: What it is.
        usable: Whether it works here.
        found: Version, place, or why it does not work.
        needed: False where the project runs without it.
        remedy: How to get it; empty if it is usable.
    """

    name: str
    usable: bool
    found: str
    needed: bool = True
    remedy: str = ""


@dataclass(frozen=True)
class Extra:
    """An optional dependency.

    Args:
        name: Of the extra in pyproject.toml.
        module: That is imported.
        distribution: That has it.
        needed_by: What cannot be done without it.
    """

    name: str
    module: str
    distribution: str
    needed_by: str


EXTRAS = (
    Extra("ray", "ray", "ray", "backend = ray"),
    Extra("channels", "sionna", "sionna-no-rt", "path_loss = sionna_uma"),
    Extra("sdp", "cvxpy", "cvxpy", "the bound of max-min precoding"),
    Extra("cutting", "qiskit_addon_cutting", "qiskit-addon-cutting", "Qiskit's rows of qfl reproduce backbone-cut"),
    Extra("cpsat", "ortools", "ortools", "the exact reference of Q-Backbone's scheduler"),
    Extra("homomorphic", "tenseal", "tenseal", "security.aggregation = ckks"),
    Extra("peers", "tensorcircuit", "tensorcircuit-ng", "PennyLane on JAX, TensorCircuit-NG in qfl bench vqc"),
    Extra("liboqs", "oqs", "liboqs-python", "security.library = liboqs"),
    Extra("neal", "neal", "dwave-neal", "code of yours that imports neal; qfl itself uses dwave-samplers"),
    Extra("pandas", "pandas", "pandas", "run.rounds and run.clients as DataFrames"),
    Extra("flwr-datasets", "flwr_datasets", "flwr-datasets", "data.name = flwr-datasets:NAME, and its partitioners"),
    Extra("parquet", "pyarrow", "pyarrow", "data.name = x.parquet"),
    Extra("tensorboard", "tensorboard", "tensorboard", "run.sinks = tensorboard"),
    Extra("mlflow", "mlflow", "mlflow-skinny", "run.sinks = mlflow"),
    Extra("wandb", "wandb", "wandb", "run.sinks = wandb"),
    Extra("notebook", "ipykernel", "ipykernel", "a notebook's kernel; examples/notebooks"),
    Extra("privacy", "dp_accounting", "dp-accounting", "privacy.mechanism: what rounds add up to"),
    Extra("qasm", "openqasm3", "openqasm3", "circuits read from OpenQASM 3"),
)


def register(commands: Commands) -> None:
    """Declare ``qfl doctor``."""
    about = "say what is installed and usable, what is missing, and how to get it"
    parser = add_command(commands, "doctor", about, EXAMPLES, doctor)
    parser.add_argument("--data", metavar="ROOT", default="data", help="the folder data.root names (default: data)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def doctor(options: Namespace) -> int:
    """Print all findings; return 1 if something needed is not usable."""
    from qfl.provenance import host, versions

    findings = list(examine(Path(options.data)))
    sound = all(finding.usable for finding in findings if finding.needed)
    if options.json:
        rows = [asdict(finding) for finding in findings]
        print(json.dumps({"usable": sound, "host": host(), "versions": versions(), "findings": rows}))
    else:
        print(", ".join(f"{name} {version}" for name, version in (versions() | host()).items()))
        print("\n".join(_page(findings, sound)))
    return 0 if sound else 1


def examine(root: Path) -> Iterator[Finding]:
    """Yield a finding for every part of the project; a part that breaks is a finding, never an error."""
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "app": _app,
        "torch": _torch,
        "PennyLane": _devices,
        "Flower": _flower,
        "signatures": _signatures,
        "data": lambda: _data(root),
        **{extra.module: partial(_extra, extra) for extra in EXTRAS},
    }
    for name, check in checks.items():
        try:
            yield from check()
        except Exception as error:
            yield Finding(name, False, f"{type(error).__name__}: {error}", remedy=INSTALL)


INSTALL = f"{install()} (or `make demo`)" if in_checkout() else install()


def _app() -> Iterator[Finding]:
    yield Finding("app", True, str(find_checkout(Path.cwd())))


def _torch() -> Iterator[Finding]:
    import torch

    from qfl.data.operators import declare_torchvision_operators

    device = f"{torch.get_num_threads()} threads" + (", CUDA present but not used" if torch.cuda.is_available() else "")
    yield Finding("torch", True, f"{torch.__version__}, {device}")
    declare_torchvision_operators()
    import torchvision

    yield Finding("torchvision", True, torchvision.__version__)


def _devices() -> Iterator[Finding]:
    from qfl.quantum.device_list import usable_devices

    for name, fault in usable_devices().items():
        needed = name == "default.qubit"
        remedy = "install what its plugin asks for, or name another with device.name" if fault else ""
        yield Finding(f"device {name}", fault is None, fault or "runs our circuits", needed, remedy)


def _flower() -> Iterator[Finding]:
    from qfl.federation.runtime.environment import go_offline

    go_offline()
    import flwr

    yield Finding("flower", True, flwr.__version__)


def _signatures() -> Iterator[Finding]:
    from qfl.security import oqs
    from qfl.security.profiles import profile
    from qfl.security.signing import generate, verify

    signer = generate(profile("ML-DSA-65"))
    verify(signer.key, signer.sign(b"doctor"), b"doctor")
    yield Finding("ML-DSA", True, "cryptography signs and verifies")
    found = oqs.probe()
    detail = f"liboqs {found.version} at {found.path}" if found.usable else found.reason
    yield Finding("Falcon", found.usable, detail, needed=False, remedy="" if found.usable else oqs.REMEDY)


def _data(root: Path) -> Iterator[Finding]:
    from qfl.data.digits import load_digits
    from qfl.data.mnist import FILES

    train, test = load_digits(seed=0)
    yield Finding("digits", True, f"embedded, {len(train)} training and {len(test)} test images")
    for name, folder in (("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST")):
        place = root / folder / "raw"
        missing = [file for file in FILES if not os.path.isfile(place / file)]
        remedy = f"is fetched by the first run that uses it; offline, place {', '.join(missing)} there"
        detail = str(place) if not missing else f"not in {place}"
        yield Finding(name, not missing, detail, needed=False, remedy=remedy if missing else "")


def _extra(extra: Extra) -> Iterator[Finding]:
    """Say whether an optional dependency is there, and how to get it."""
    if find_spec(extra.module) is None:
        remedy = install(extra.name)
        yield Finding(extra.module, False, f"not installed; for {extra.needed_by}", needed=False, remedy=remedy)
        return
    from importlib.metadata import version

    yield Finding(extra.module, True, version(extra.distribution), needed=False)


def _page(findings: list[Finding], sound: bool) -> Iterator[str]:
    for finding in findings:
        mark = "ok" if finding.usable else "MISSING" if finding.needed else "absent"
        yield f"{mark:<8} {finding.name:<24} {finding.found}"
        if finding.remedy:
            yield f"{'':<8} {'':<24} -> {finding.remedy}"
    yield "everything needed is usable" if sound else "something needed is MISSING: see above"
