"""The strategies of this app, and behind them those that come with qfl: ``strategies.fedavg`` and all others."""

from qfl.shipped import shipped

__path__ = [*__path__, str(shipped() / "strategies")]
