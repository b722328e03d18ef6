"""What the paper says of its Fig. 4a: `qfl compare` puts it beside what is measured.

Section V, Fig. 4a: "almost 35% increase in sum-rate and converges 40% faster".
"""

from qfl.studies.examples import Example

PAPER = {
    "gain_percent": 35.0,
    "faster_percent": 40.0,
    "says": "Paper: QAOA has 35 % more sum rate than SCA and converges 40 % faster; it says neither which SCA, nor "
    "what an iteration is.",
}

STUDIES = {
    "fig4a": Example("QAOA and SCA for sub-channels and powers, every reading", "fig4a.toml", "fig4a"),
    "fig4b": Example(
        "QFL and FL over the radio: circuit against network, and QAOA against SCA", "fig4b_readings.toml", "fig4b"
    ),
}
