"""What a study is: settings and four functions, conducted in one folder.

::

    settings   what was asked for, read from the flat keys of a run file; raises ConfigError with a sentence per fault
    run        measure what the folder lacks; return what is measured
    summarise  the numbers, plain values for JSON
    draw       pictures and CSV files into the folder
    tell       the page
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from qfl.results import write_atomically
from qfl.studies.request import Request

Settings = TypeVar("Settings")
Measured = TypeVar("Measured")
Numbers = dict[str, Any]


@dataclass(frozen=True)
class Study(Generic[Settings, Measured]):
    """Settings and four functions; each is given the request, then what those before it returned.

    Args:
        settings: Reads the request's flat keys.
        run: Measures what the folder lacks, so that a study that was stopped goes on, and returns what it has then.
        summarise: Returns the numbers.
        draw: Writes pictures and CSV files into the request's folder.
        tell: Returns the page.
        page: The file that the page is written to.
    """

    settings: Callable[[Request], Settings]
    run: Callable[[Request, Settings], Measured]
    summarise: Callable[[Request, Settings, Measured], Numbers]
    draw: Callable[[Request, Settings, Measured, Numbers], None]
    tell: Callable[[Request, Settings, Measured, Numbers], str]
    page: str = "README.md"

    def conduct(self, request: Request) -> "Result":
        """Measure what the folder lacks, draw everything, and return numbers, page and where the page is.

        Example:
            >>> import tempfile
            >>> from qfl.results import RunFolder
            >>> draw = lambda request, settings, measured, numbers: None
            >>> double = Study(
            ...     lambda request: request.settings["x"],
            ...     lambda request, x: 2 * x,
            ...     lambda request, x, twice: {"twice": twice},
            ...     draw,
            ...     lambda request, x, twice, numbers: f"# {numbers['twice']}",
            ... )
            >>> folder = RunFolder.create("double", {"status": "running"}, root=tempfile.mkdtemp())
            >>> double.conduct(Request("double", False, 1, {"x": 3}, folder, folder.path)).numbers
            {'twice': 6}
        """
        settings = self.settings(request)
        return self.show(request, settings, self.run(request, settings))

    def show(self, request: Request, settings: Settings, measured: Measured) -> "Result":
        """Draw and tell what was measured.

        Args:
            request: Whose folder pictures and page go into.
            settings: As `settings` returned them.
            measured: As `run` returned it.
        """
        numbers = self.summarise(request, settings, measured)
        self.draw(request, settings, measured, numbers)
        text = self.tell(request, settings, measured, numbers)
        path = request.folder.path / self.page
        write_atomically(path, f"{text}\n".encode())
        return Result(numbers, text, path)


@dataclass(frozen=True)
class Result:
    """What a study came to.

    Args:
        numbers: Plain values.
        text: The page.
        page: Where it is.
    """

    numbers: Numbers
    text: str
    page: Path
