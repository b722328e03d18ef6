"""Text that strangers wrote, made safe to print: no character of it moves a cursor, rings, or turns the line around.

A client's error text, the name of a file or an archive's sentence may hold terminal escapes, line ends that pass for a
line of our log, or marks that turn the writing direction. Whatever prints or logs such a text passes it through here.
"""

MOST = 300


def printable(text: object, most: int = MOST) -> str:
    r"""Return a text on one line, every character that is not for reading as its escape, and cut where it is long.

    Args:
        text: Anything; what is no text is taken as ``str`` gives it.
        most: Characters of the result, at most.

    Example:
        >>> printable("\x1b[2Jdone\nround 9  accuracy 1.0  \u202egpj.exe")
        '\\x1b[2Jdone\\nround 9  accuracy 1.0  \\u202egpj.exe'
        >>> printable("größe " * 100, 9)
        'größe ...'
    """
    found = "".join(map(_shown, _text(text)[: most + 1]))
    return found if len(found) <= most else found[: max(most - 3, 0)] + "..."


def printable_lines(text: object, most: int = 100_000) -> list[str]:
    r"""Return the lines of a text of ours that may quote strangers, each printable; those that are empty are left out.

    Example:
        >>> printable_lines("two faults:\n\x07one")
        ['two faults:', '\\x07one']
    """
    return [printable(line, most) for line in _text(text)[:most].split("\n") if line.strip()]


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # an integer of 5,000 digits, an exception that cannot say what it is
        return f"{type(value).__name__} without words ({type(error).__name__})"


def _shown(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()
