"""The articles behind what can be run, and which of them a run is from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import qfl

TITLE = "qfl-wireless: federated learning of quantum circuits over wireless networks"  # as in CITATION.cff
AUTHOR = "{The qfl-wireless maintainers}"


@dataclass(frozen=True)
class Paper:
    """An article.

    Args:
        key: In BibTeX.
        authors: Joined by ``and``, as BibTeX has them.
        title: In full.
        year: Of the version that is cited; empty where the manuscript states none.
        arxiv: Its number there, or empty.
    """

    key: str
    authors: str
    title: str
    year: str = ""
    arxiv: str = ""

    def bibtex(self) -> str:
        """Return its BibTeX entry.

        Example:
            >>> print(PAPERS["fedavg"].bibtex().splitlines()[0])
            @misc{mcmahan2017communication,
        """
        fields = {"author": self.authors, "title": f"{{{self.title}}}", "year": self.year}
        fields |= {"eprint": self.arxiv, "archiveprefix": "arXiv" if self.arxiv else ""}
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        return f"@misc{{{self.key},\n" + ",\n".join(lines) + "\n}"


GIANG = "Giang, L. T. and Tung, N. X. and "
REDDI = Paper(
    "reddi2021adaptive",
    "Reddi, Sashank and Charles, Zachary and Zaheer, Manzil and Garrett, Zachary and Rush, Keith and "
    "Kone{\\v{c}}n{\\'y}, Jakub and Kumar, Sanjiv and McMahan, H. Brendan",
    "Adaptive Federated Optimization",
    "2021",
    "2003.00295",
)
PAPERS: dict[str, Paper] = {
    "radio": Paper(
        "shaon2025empowering",
        "Shaon, S. and Uddin, M. R. and Nguyen, D. C. and Hosseinalipour, S. and Niyato, D. and Dobre, O. A.",
        "Empowering AI-Native 6G Wireless Networks with Quantum Federated Learning",
        "2025",
        "2509.10559",
    ),
    "sqm_gnn": Paper(
        "giang2026scalable",
        f"{GIANG}Chien, T. Van and Hanzo, L. and Hwang, W.-J.",
        "Scalable Quantum Message Passing Graph Neural Networks for Next-Generation Wireless Communications: "
        "Architectures, Use Cases, and Future Directions",
        "2026",
    ),
    "qgnn": Paper("giang_d2d", f"{GIANG}Hwang, W.-J.", "D2D Power Allocation via Quantum Graph Neural Network"),
    "cell_free": Paper(
        "narottama_noncentralized",
        "Narottama, B. and Canberk, B. and Cotton, S. L. and Shin, H. and Karagiannidis, G. K. and Duong, T. Q.",
        "Non-Centralized Quantum Neural Networks for Cell-Free MIMO Systems",
    ),
    "backbone": Paper(
        "chehimi2026qbackbone",
        "Chehimi, M. and Dehaini, N. and Mitsiou, N. A. and Krikidis, I. and Zheng, G.",
        "Q-Backbone: A Quantum-Enhanced Control Plane for Future Communication Networks",
        "2026",
        "2606.13248",
    ),
    "vqc": Paper(
        "schuld2018circuit",
        "Schuld, Maria and Bocharov, Alex and Svore, Krysta and Wiebe, Nathan",
        "Circuit-centric quantum classifiers",
        "2018",
        "1804.00633",
    ),
    "fedavg": Paper(
        "mcmahan2017communication",
        'McMahan, H. Brendan and Moore, Eider and Ramage, Daniel and Hampson, Seth and {Ag{\\"u}era y Arcas}, Blaise',
        "Communication-Efficient Learning of Deep Networks from Decentralized Data",
        "2017",
        "1602.05629",
    ),
    "fedavgm": Paper(
        "hsu2019measuring",
        "Hsu, Tzu-Ming Harry and Qi, Hang and Brown, Matthew",
        "Measuring the Effects of Non-Identical Data Distribution for Federated Visual Classification",
        "2019",
        "1909.06335",
    ),
    "fedprox": Paper(
        "li2020federated",
        "Li, Tian and Sahu, Anit Kumar and Zaheer, Manzil and Sanjabi, Maziar and Talwalkar, Ameet and Smith, Virginia",
        "Federated Optimization in Heterogeneous Networks",
        "2020",
        "1812.06127",
    ),
    **dict.fromkeys(("fedadam", "fedyogi", "fedadagrad", "delta"), REDDI),
}
STUDIES = {
    "table": "sqm_gnn",
    "fig3b": "sqm_gnn",
    "federated": "sqm_gnn",
    "fig2": "qgnn",
    "cellfree": "cell_free",
    "fig4a": "radio",
    "fig4b": "radio",
    "security": "radio",
    "heterogeneity": "radio",
}
"""Of the examples' studies: the first words of a study's name, and its article."""


def project() -> str:
    """Return the BibTeX entry of this project.

    Example:
        >>> project().splitlines()[0]
        '@software{qfl_wireless,'
    """
    fields = {"author": AUTHOR, "title": f"{{{TITLE}}}", "version": qfl.__version__}
    return "@software{qfl_wireless,\n" + ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items()) + "\n}"


def papers_of(header: Mapping[str, Any]) -> list[Paper]:
    """Return the articles that a run is from: its example's, its model's and its strategy's.

    Args:
        header: What its run.json says.

    Example:
        >>> [paper.key for paper in papers_of({"settings": {"task": "d2d", "model.name": "qgnn"}})]
        ['giang_d2d']
    """
    names = _of_a_study(header) if "kind" in header else _of_a_run(header.get("settings") or {})
    return list({PAPERS[name].key: PAPERS[name] for name in names if name in PAPERS}.values())


def _of_a_run(settings: Mapping[str, Any]) -> Iterator[str]:
    model = str(settings.get("model.name"))
    if settings.get("radio.on"):
        yield "radio"
    if settings.get("task") == "cell_free":
        yield "cell_free"
        yield "sqm_gnn" if model == "ap_user_gnn" else ""
    yield {"qsgcn": "sqm_gnn"}.get(model, model)
    yield str(settings.get("strategy.name"))


def _of_a_study(header: Mapping[str, Any]) -> Iterator[str]:
    name = str(header.get("name"))
    if name.startswith("backbone"):
        yield "backbone"
    yield from (paper for first, paper in STUDIES.items() if name.startswith(first))
    if str(header["kind"]).endswith("comparison"):
        yield "radio"
