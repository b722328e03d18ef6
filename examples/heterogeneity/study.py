"""Which strategy helps where clients differ: one study, no single paper's."""

from qfl.studies.examples import Example

STUDIES = {
    "heterogeneity": Example(
        "strategies where clients differ in data, noise and honesty", "heterogeneity.toml", "heterogeneity"
    ),
}
