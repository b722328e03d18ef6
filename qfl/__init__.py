"""Federated learning whose clients are quantum circuits, on Flower, PennyLane and torch."""

__version__ = "0.1.0"
