"""Codes of four bits over seven uses: errors of each codebook and receiver over the signal-to-noise ratio."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from qfl.backbone.applications.autoencoder.block_errors import Decide, block_errors, hard
from qfl.backbone.applications.autoencoder.codebooks import Codebook, hamming, uncoded
from qfl.backbone.applications.autoencoder.encoders import ENCODERS
from qfl.backbone.applications.autoencoder.learn import learn
from qfl.report.canvas import canvas

from .applications_settings import ApplicationsSettings

TRAINED_AT_DB = 3.0
RATIOS_DB = (0.0, 2.0, 4.0, 6.0)
NEAREST = "nearest symbols"
Code = tuple[str, bool, Codebook, Decide | None, float]
# hues after Okabe and Ito; a line of its own for each of Hamming's receivers and for no code
LINES = {
    "Hamming, nearest symbols": ("#1d2530", "-"),
    "Hamming, hard decisions": ("#1d2530", "--"),
    "uncoded": ("#a7b0ba", ":"),
    "circuit": ("#0072b2", "-"),
    "perceptron": ("#e69f00", "-"),
    "wide": ("#009e73", "-"),
    "table": ("#d55e00", "-"),
}


def codes(settings: ApplicationsSettings, seed: int) -> Iterator[tuple[str, str, bool, float, float]]:
    """Yield the share of words in error of every code and receiver, by Eb/N0; seconds are those of the training."""
    for name, quantum, codebook, decide, seconds in _codes(settings, seed):
        for ratio_db in RATIOS_DB:
            found = block_errors(codebook, ratio_db, settings.words, decide=decide, seed=seed)
            yield f"{ratio_db:g} dB", name, quantum, found.rate, seconds


def _codes(settings: ApplicationsSettings, seed: int) -> Iterator[Code]:
    yield f"Hamming, {NEAREST}", False, hamming(), None, 0.0
    yield "Hamming, hard decisions", False, hamming(), partial(hard, hamming()), 0.0
    yield "uncoded", False, uncoded(), None, 0.0
    for name, spec in ENCODERS.items():
        start = perf_counter()
        learned = learn(name, TRAINED_AT_DB, seed=seed, steps=settings.steps)
        seconds = perf_counter() - start
        title = f"{name} ({learned.model.num_encoder})"
        yield f"{title}, {NEAREST}", spec.quantum, learned.codebook, None, seconds
        yield f"{title}, network", spec.quantum, learned.codebook, learned.decide, seconds


def codes_png(cases: Mapping[str, Mapping[str, Mapping[str, Any]]], path: Path) -> None:
    """Draw errors over Eb/N0, a panel for each receiver; bars are two standard errors over seeds."""
    ratios = [float(case.split()[0]) for case in cases]
    with canvas(path, (9.0, 4.6)) as figure:
        panels = figure.subplots(1, 2, sharey=True)
        for axes, receiver in zip(panels, (NEAREST, "network"), strict=True):
            for name in next(iter(cases.values())):
                if name not in LINES and not name.endswith(receiver):
                    continue
                colour, line = LINES[name if name in LINES else name.split()[0]]
                own = [methods[name] for methods in cases.values()]
                values = np.array([each["value"] for each in own])
                bars = np.array([2 * (each["error"] or 0.0) for each in own])
                bars = np.stack([np.minimum(bars, 0.9 * values), bars])
                label = name.removesuffix(f", {receiver}") if name not in LINES else name
                axes.errorbar(ratios, values, yerr=bars, color=colour, linestyle=line, capsize=2, label=label)
            axes.set_yscale("log")
            axes.set_xlabel("Eb/N0, dB")
            axes.set_title("learned codes, nearest symbols" if receiver == NEAREST else "learned codes and receivers")
            axes.grid(axis="y", alpha=0.25)
        panels[0].set_ylabel("share of words in error")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
