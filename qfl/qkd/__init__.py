"""Quantum key distribution, simulated: channels, eavesdroppers, and what two ends distil of what arrives."""
