"""Circuits as data, with several executions: exact engines, PennyLane's devices, noise, parameter shift."""
