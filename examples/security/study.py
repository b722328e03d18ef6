"""What security costs and what it is worth, measured: one row for each study, one module beside this file for each."""

from qfl.studies.examples import Example

STUDIES = {
    "security-cost": Example(
        "what signatures and sums that hide updates cost: seconds, bytes and airtime, post-quantum and homomorphic",
        "cost.toml",
        "cost",
    ),
    "security-qkd": Example(
        "quantum key distribution, simulated: keys and errors over distance, with and without somebody on the line",
        "qkd.toml",
        "qkd",
    ),
    "security-privacy": Example(
        "differential privacy: accuracy over epsilon, and what shots hide by themselves", "privacy.toml", "privacy"
    ),
    "security-entangled": Example(
        "aggregation over entangled states, simulated: precision under noise and loss, and checks for tampering",
        "entangled.toml",
        "entangled",
    ),
    "security-adversarial": Example(
        "adversarial inputs to a circuit: accuracy over the size of the change, and what training against them costs",
        "adversarial.toml",
        "adversarial",
    ),
    "security-leakage": Example(
        "what an update gives away: digits found again from it, by batch, local steps and protection",
        "leakage.toml",
        "leakage",
    ),
    "security-membership": Example(
        "membership inference (LiRA): who was trained on, from the last model and from single updates",
        "membership.toml",
        "membership",
    ),
    "security-attacks": Example(
        "clients that attack, and what stops them: accuracy and attackers' success, every attack against every defence",
        "attacks.toml",
        "attacks",
    ),
}
