"""The architecture page is true of the code."""

import re
from pathlib import Path

from docs.draw import PAGE, ROOT, arrows, drawn, layers, sentence

WORDS = re.compile(r"`([\w./<>*-]+/|[\w./-]+\.(?:py|toml|md))`")


def test_the_page_is_drawn_from_the_code_as_it_is():
    page = PAGE.read_text()
    assert drawn(page) == page, "run `make architecture`"


def test_every_path_that_the_text_names_exists():
    text = PAGE.read_text().partition("<!-- files")[0]
    named = {path for path in WORDS.findall(text) if "<" not in path}
    assert len(named) > 15
    places = [ROOT, ROOT / "qfl", ROOT / "qfl" / "federation"]
    assert [path for path in named if not any((place / path).exists() for place in places)] == []


def test_every_name_of_a_layer_is_a_package_or_a_file():
    names = [name for row in layers() for name in row]
    assert [n for n in names if not (ROOT / "qfl" / n).is_dir() and not (ROOT / "qfl" / f"{n}.py").is_file()] == []


def test_every_file_and_package_of_the_library_has_its_layer():
    inside = (ROOT / "qfl").iterdir()
    there = {path.stem for path in inside if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert there - {name for row in layers() for name in row} == {"__init__", "__main__"}


def test_arrows_point_down():
    order = {name: place for place, row in enumerate(layers()) for name in row}
    for one, two in arrows():
        heights = [max(order.get(name, -1) for name in node.split(" · ")) for node in (one, two)]
        assert heights[0] < heights[1] or one in ("server", "clients")


def test_every_file_says_what_it_is():
    files = [path for name in ("qfl", "strategies", "clients", "server") for path in Path(ROOT / name).rglob("*.py")]
    assert [path for path in files if path.name != "__init__.py" and not sentence(path)] == []
