"""What is measured again of "Q-Backbone: A Quantum-Enhanced Control Plane for Future Communication Networks"."""

from qfl.studies.examples import Example

STUDIES = {
    "backbone-fig3": Example("quantum jobs served in time, over the load", "fig3.toml", "scheduling:FIG3"),
    "backbone-fig4": Example(
        "quantum jobs served in time, over the deadline coefficient", "fig4.toml", "scheduling:FIG4"
    ),
    "backbone-cut": Example("a circuit of 20 qubits on devices of 8, by cuts", "cut.toml", "cut"),
    "backbone-traffic": Example(
        "a backbone's traffic over a day, and whether a quantum computer is asked", "traffic.toml", "traffic"
    ),
    "backbone-applications": Example(
        "anomalies, forecasts, surfaces, slices, decoding and codes, by quantum and classical methods",
        "applications.toml",
        "applications",
    ),
    "backbone-forecast": Example(
        "a forecast that points of presence train together, central and alone",
        "forecast_federated.toml",
        "together",
    ),
    "backbone-kernel": Example(
        "a kernel for anomalies that points of presence train together, central and alone",
        "kernel_federated.toml",
        "together",
    ),
    "backbone-autoencoder": Example(
        "a code that points of presence train together, central and alone",
        "autoencoder_federated.toml",
        "together",
    ),
}
