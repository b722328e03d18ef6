"""Networks of SNDlib: both formats say the same, and what is none of them is refused."""

import numpy as np
import pytest

from qfl.backbone.applications.posed import pose
from qfl.backbone.applications.traffic.abilene import ABILENE, CITIES, EDGES, hourly_demands
from qfl.backbone.applications.traffic.linear import utilisation_bound
from qfl.backbone.applications.traffic.routing import demand_matrix, routing
from qfl.backbone.applications.traffic.sndlib import read_sndlib
from qfl.backbone.applications.traffic.topology import Topology
from qfl.errors import ConfigError

HEAD = "?SNDlib native format; type: network; version: 1.0\n# network abilene\n"
XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<network xmlns="http://sndlib.zib.de/network" version="1.0">
 <networkStructure><nodes><node id="A"/></nodes><links>{links}</links></networkStructure>
 <demands>{demands}</demands></network>"""


def native(links: dict, demands: dict) -> str:
    """Return a network as SNDlib writes it."""
    nodes = "".join(f"  {name} ( -84.38 33.75 )\n" for name in CITIES)
    lines = "".join(f"  {a}_{b} ( {a} {b} ) {c:.2f} 0.00 0.00 0.00 ( )\n" for (a, b), c in links.items())
    flows = "".join(f"  {a}_{b} ( {a} {b} ) 1 {v!r} UNLIMITED\n" for (a, b), v in demands.items())
    meta = "META (\n  granularity = 5min\n)\n\n"
    return f"{HEAD}{meta}NODES (\n{nodes})\nLINKS (\n{lines})\n# DEMANDS\nDEMANDS (\n{flows})\n"


def in_xml(links: dict, demands: dict) -> str:
    """Return the same in XML, capacities as the larger of two modules."""
    ends = "<source>{}</source><target>{}</target>".format
    module = "<addModule><capacity>{}</capacity><cost>1</cost></addModule>".format
    lines = [
        f'<link id="{a}_{b}">{ends(a, b)}<additionalModules>{module(1.0)}{module(c)}</additionalModules></link>'
        for (a, b), c in links.items()
    ]
    flows = [f'<demand id="{a}">{ends(a, b)}<demandValue>{v!r}</demandValue></demand>' for (a, b), v in demands.items()]
    return XML.format(links="".join(lines), demands="".join(flows))


@pytest.fixture
def abilene():
    """Return Abilene's undirected links, and the demands of an hour."""
    capacity = dict(zip(ABILENE.links, ABILENE.capacity, strict=True))
    links = {(a, b): capacity[a, b] for a, b in (edge.split("-") for edge in EDGES)}
    matrix = hourly_demands(20, seed=1)
    return links, {(a, b): float(matrix[i, j]) for i, a in enumerate(CITIES) for j, b in enumerate(CITIES) if i != j}


@pytest.mark.parametrize("written", [native, in_xml])
def test_abilene_from_a_file_is_abilene(tmp_path, abilene, written):
    (tmp_path / "abilene").write_text(written(*abilene))
    request = read_sndlib(tmp_path / "abilene")
    network = Topology.of({(a, b): c for a, b, c in request["links"]})
    assert set(zip(network.links, network.capacity, strict=True)) == set(
        zip(ABILENE.links, ABILENE.capacity, strict=True)
    )
    own = routing(network, demand_matrix(network, {(a, b): v for a, b, v in request["demands"]}), request["k"])
    ours = routing(ABILENE, hourly_demands(20, seed=1), 4)
    assert utilisation_bound(own) == pytest.approx(utilisation_bound(ours))


def test_a_file_is_a_request_and_a_matrix_takes_the_demands_place(tmp_path, abilene):
    links, demands = abilene
    few = dict(list(demands.items())[:4])
    (tmp_path / "network.txt").write_text(native(links, demands))
    (tmp_path / "matrix.txt").write_text(native({}, few | {("ATLA", "CHIN"): 0.0}))
    request = read_sndlib(tmp_path / "network.txt", tmp_path / "matrix.txt", k=2)
    assert [(a, b) for a, b, _ in request["demands"]] == list(few)
    assert pose("traffic", request).model.num_variables <= 8


def test_parallel_links_are_one_of_their_capacities(tmp_path):
    (tmp_path / "n.txt").write_text(native({("A", "B"): 3.0, ("B", "A"): 4.0}, {("A", "B"): 1.0}))
    assert np.array_equal(read_sndlib(tmp_path / "n.txt")["links"], [["A", "B", 7.0], ["B", "A", 7.0]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no file of SNDlib, native or XML"),
        ("<network", "is no file of SNDlib, native or XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares a document type"),
        (native({}, {("A", "B"): 1.0}), "has no link; give a network"),
        (native({("A", "B"): 1.0}, {}), "has no demand above 0"),
        (native({("A", "B"): 1.0}, {("A", "B"): 0.0}), "has no demand above 0"),
        (native({("A", "B"): 0.0}, {("A", "B"): 1.0}), "the link A-B has no capacity"),
        (native({("A", "A"): 1.0}, {}), "a link leads from A to itself"),
        (native({("A", "B"): 1.0}, {("A", "B"): -1.0}), "'-1.0' is no capacity or volume"),
        (native({("A", "B"): float("nan")}, {}), "'nan' is no capacity or volume"),
        (HEAD + "LINKS (\n  what is this\n)", "line 4: 'what is this' is none of the links"),
        (XML.format(links="<link id='L'><source>A</source></link>", demands=""), "link L has no target"),
    ],
)
def test_what_is_no_network_is_refused_in_a_sentence(tmp_path, text, said):
    (tmp_path / "n").write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_sndlib(tmp_path / "n")


def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path):
    for place in (tmp_path / "none", tmp_path):
        with pytest.raises(ConfigError, match="give a file of SNDlib"):
            read_sndlib(place)
