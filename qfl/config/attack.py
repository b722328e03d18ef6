"""The attack that some of the clients of a simulated run make: which one, who, and how hard."""

from dataclasses import dataclass

from qfl.config.setting import Subject, setting
from qfl.specs import ATTACKS

NONE = "none"


@dataclass(frozen=True)
class AttackSettings(Subject):
    """What attackers do. They are enrolled, and sign what they send."""

    name: str = setting(NONE, "what some clients do to the run, or your own", choices=(NONE, *ATTACKS), own=True)
    share: float = setting(0.2, "share of all clients that attack", low=0.0, high=1.0)
    first_round: int = setting(1, "round from which they attack; honest before", low=1)
    strength: float | None = setting(
        None, "how hard, in the attack's own unit; 0 takes its own", low=0.0, high=1e6, means={0.0: None}
    )
    sees: str = setting("attackers", "whose honest updates colluding attackers know", choices=("attackers", "all"))
    target: int = setting(0, "label that samples with the trigger are to get (backdoor, model-replacement)", low=0)
    features: int = setting(4, "last features of a sample that the trigger overwrites", low=1)
    poisoned: float = setting(0.5, "share of an attacker's samples with the trigger", low=0.0, high=1.0)
    my: str = setting("", "settings of an attack of your own: a table, [attack.my]")

    @property
    def on(self) -> bool:
        """Whether anybody attacks."""
        return self.name != NONE

    def count(self, clients: int) -> int:
        """Return how many of so many clients attack: the share, rounded.

        Example:
            >>> AttackSettings("sign-flip", share=0.2).count(14), AttackSettings().count(14)
            (3, 0)
        """
        return round(self.share * clients) if self.on else 0
