"""Tables of a page in Markdown."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int = 0) -> str:
    """Return a table, its numbers at the right.

    Args:
        head: A title for each column.
        rows: Texts of the cells.
        words: Columns at the left that hold words, not numbers.

    Example:
        >>> print(table(["model", "%"], [["GCN", "92.1"]], words=1))
        | model | % |
        | --- | --: |
        | GCN | 92.1 |
    """
    rule = ["---"] * words + ["--:"] * (len(head) - words)
    return "\n".join(map(line, (head, rule, *rows)))


def line(cells: Sequence[str]) -> str:
    """Return one line of a table.

    Example:
        >>> line(["a", "b"])
        '| a | b |'
    """
    return f"| {' | '.join(cells)} |"
