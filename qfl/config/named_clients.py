"""Clients by number, range and tag, as in ``clients.selection = [0, 3, "10-19", "tag:indoor"]``.

The tags are in ``[clients.tags]``, each with a list of the same kind, but without tags in it. Who is named may take
part in a round; `clients.per-round` of them are asked, or all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from qfl.config.listed import words_of
from qfl.config.private import unfold

if TYPE_CHECKING:
    from qfl.config.subjects import ClientsSettings

NUMBERS, TAG = r"\d{1,6}(-\d{1,6})?", r"tag:[\w.-]+"
LIST = rf"({NUMBERS}|{TAG})( *, *({NUMBERS}|{TAG}))*"
EXAMPLE = '[0, 3, "10-19", "tag:indoor"]'


def named_clients(clients: "ClientsSettings") -> tuple[int, ...] | None:
    """Return the clients that the selection names, ascending; None where it names none but says how to choose.

    Example:
        >>> from qfl.config import Settings
        >>> flat = {"clients.selection": [7, "tag:indoor"], "clients.tags.indoor": ["2-4", 9]}
        >>> named_clients(Settings.from_flat(flat).clients)
        (2, 3, 4, 7, 9)
    """
    if not re.fullmatch(LIST, clients.selection):
        return None
    tags = unfold(clients.tags)
    found = (_numbers(_entries(tags, word)) for word in words_of(clients.selection))
    return tuple(sorted({number for numbers in found for number in numbers}))


def client_faults(clients: "ClientsSettings") -> Iterator[str]:
    """Yield a sentence for a tag or a client that is not there, or that is named twice."""
    tags = unfold(clients.tags)
    if clients.tags and not tags:
        yield (
            f"clients.tags = {clients.tags[:50]!r}: expected a table of lists, such as [clients.tags] with "
            "indoor = [0, 3]"
        )
    for name, entries in tags.items():
        yield from _list_faults(f"clients.tags.{name}", _words(entries), clients.count)
    if not re.fullmatch(LIST, clients.selection):
        return
    words = words_of(clients.selection)
    for word in words:
        if word.startswith("tag:") and word.removeprefix("tag:") not in tags:
            known = f"; there are {', '.join(sorted(tags))}" if tags else ""
            yield f"clients.selection names {word!r}, but no such tag is in [clients.tags]{known}; write one there"
    yield from _list_faults("clients.selection", [word for word in words if not word.startswith("tag:")], clients.count)
    if len(set(words)) < len(words) and any(word.startswith("tag:") and words.count(word) > 1 for word in words):
        yield "clients.selection names a tag twice; name it once"


def _list_faults(key: str, words: list[str], count: int) -> Iterator[str]:
    """Yield what is wrong with a list of numbers and ranges."""
    if wrong := [word for word in words if not re.fullmatch(NUMBERS, word)]:
        yield f"{key} holds {wrong[0][:50]!r}; give numbers of clients and ranges such as '10-19'"
        return
    if not words and key != "clients.selection":
        yield f"{key} names no client; give at least one"
    for first, last in map(_ends, words):
        if last >= count or first > last:
            what = f"client {last}" if last >= count else f"no client with '{first}-{last}'"
            yield f"{key} names {what}; clients.count = {count} numbers them 0 to {count - 1}, name these in order"
            return
    numbers = list(_numbers(words))
    if len(set(numbers)) < len(numbers):
        twice = next(number for number in numbers if numbers.count(number) > 1)
        yield f"{key} names client {twice} twice; name it once"


def _entries(tags: Mapping[str, Any], word: str) -> list[str]:
    return _words(tags.get(word.removeprefix("tag:"), [])) if word.startswith("tag:") else [word]


def _words(entries: Any) -> list[str]:
    """Return the entries of a tag as words; those of a text are apart by commas."""
    if isinstance(entries, list):
        return [str(entry) for entry in cast("list[Any]", entries)]
    return list(words_of(str(entries)))


def _numbers(words: Iterable[str]) -> Iterator[int]:
    for word in words:
        if re.fullmatch(NUMBERS, word):
            first, last = _ends(word)
            yield from range(first, last + 1)


def _ends(word: str) -> tuple[int, int]:
    first, _, last = word.partition("-")
    return int(first), int(last or first)
