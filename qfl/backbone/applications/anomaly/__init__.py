"""Telemetry anomalies by quantum kernels, in support vector machines and among nearest neighbours, beside classical."""
