"""What a round's row says about clients' privacy."""

from qfl.federation.privacy.spending import Spending
from qfl.federation.records.reply import NoisyMean
from qfl.results import Row


def with_privacy(row: Row, spending: Spending | None, noisy: NoisyMean | None) -> Row:
    """Return a round's row with the entry ``privacy``; where there is none, as it was.

    It holds ``epsilon``, the most that a client has spent after the round, at its ``delta``; ``noise_rad``, the
    standard deviation of the noise of each entry of the mean; and, where the server clips (central), the share of
    updates that were ``clipped``, which is told to whoever reads the run folder and to nobody else.

    Args:
        row: The round's.
        spending: What clients have spent; None without privacy.
        noisy: The mean with the server's noise, where it is the server that adds it.
    """
    if spending is None:
        return row
    entry = {"epsilon": spending.epsilon, "delta": spending.plan.own.delta, "mechanism": spending.plan.own.mechanism}
    threshold = row.get("masking", {}).get("threshold", 0)
    noise_rad = spending.plan.mean_noise(row["asked"], row["accepted"], threshold)
    return row | {"privacy": entry | {"noise_rad": noise_rad} | dict(noisy.report if noisy else {})}
