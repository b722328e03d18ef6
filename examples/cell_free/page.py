"""The page of Fig. 4: paper's number | ours | trials, in Markdown."""

from collections.abc import Sequence
from typing import Any

from qfl.studies.request import Request

from .measure import Row


def page(results: dict[str, Any], request: Request) -> str:
    """Return the page."""
    network = request.settings
    return "\n\n".join(
        [
            "# Fig. 4: rates of a cell-free network",
            f"{network['num-aps']} access points of {network['num-antennas']} antennas, {network['num-users']} users, "
            f"seed {request.seed}{', quick' if request.quick else ''}. Least rate / sum rate in bit/s/Hz, means over "
            "fresh channels. The paper prints no number in words, only that its circuits outperform Algorithm 4.",
            _table_over_snr(results["points"]),
            "![Fig. 4](fig4.png)",
            "At 20 dB and interference 0.1, with standard errors. `as_published` and `extended` are trained by the "
            "paper's Algorithms 2 and 3 line by line, at every point; `printed` and `plus` are the same circuits, "
            "trained by Adam on batches, on losses with a gradient, at this point:",
            _table_at_20db(results["at_20db"]),
            "Larger networks, the user-centric set-up, one user for each access point unless said otherwise:",
            _table_large(results["large"]),
        ]
    )


def _table_over_snr(rows: Sequence[Row]) -> str:
    lines = []
    for factor in sorted({row["interference"] for row in rows}):
        own = [row for row in rows if row["interference"] == factor]
        snrs = sorted({row["snr_db"] for row in own})
        lines += [
            f"Interference factor {factor:g}:\n",
            f"| | trials | {' | '.join(f'{snr:g} dB' for snr in snrs)} |",
            f"|---|---|{'---|' * len(snrs)}",
        ]
        for name in dict.fromkeys(row["method"] for row in own):
            cells = {row["snr_db"]: row for row in own if row["method"] == name}
            texts = [f"{_pair(cells[snr])}" if snr in cells else "" for snr in snrs]
            lines.append(f"| `{name}` | {next(iter(cells.values()))['trials']} | {' | '.join(texts)} |")
        lines.append("")
    return "\n".join(lines).strip()


def _pair(row: Row) -> str:
    return f"{row['min_rate']:.2f} / {row['sum_rate']:.2f}"


def _table_at_20db(point: dict[str, Any]) -> str:
    whole = {name: point[name] for name in ("printed", "plus", "as_published", "extended") if name in point}
    lines = ["| | least rate | sum rate | trials |", "|---|---|---|---|"]
    for group in (whole, point["readings"], point["parts"], point["ablations"], point["baselines"]):
        for name, own in sorted(group.items(), key=lambda item: item[1]["min_rate"]):
            lines.append(
                f"| `{name}` | {own['min_rate']:.3f} ± {own['min_rate_se']:.3f} | "
                f"{own['sum_rate']:.3f} ± {own['sum_rate_se']:.3f} | {own['trials']} |"
            )
    return "\n".join(lines)


def _table_large(rows: Sequence[Row]) -> str:
    lines = ["| objective | method | least rate | sum rate | CPU ms for a channel |", "|---|---|---|---|---|"]
    for row in rows:
        ms = f"{1000 * row['cpu_seconds_per_channel']:.1f}" if "cpu_seconds_per_channel" in row else ""
        lines.append(
            f"| {row['objective']} | `{row['method']}` | {row['min_rate']:.3f} ± {row['min_rate_se']:.3f} | "
            f"{row['sum_rate']:.2f} ± {row['sum_rate_se']:.2f} | {ms} |"
        )
    return "\n".join(lines)
