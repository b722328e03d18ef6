"""The report of a run: one HTML file that needs nothing else."""

import base64
from pathlib import Path

from qfl.errors import RunFolderError
from qfl.report import figures
from qfl.report.attack import attack_facts
from qfl.report.devices import device_facts
from qfl.report.formatting import moment
from qfl.report.frame import fill
from qfl.report.headline import headline
from qfl.report.masking import masking_facts
from qfl.report.pool import pool_facts
from qfl.report.privacy import privacy_facts
from qfl.report.radio import radio_facts
from qfl.report.record import Record, read_record
from qfl.report.refusals import failed_rounds, refusals
from qfl.report.reproduction import changed_settings, command, default_settings, run_name
from qfl.report.tables import DIGESTS, comparison, facts, model_facts, round_rows
from qfl.report.template import TEMPLATE
from qfl.results import RunFolder, write_atomically


def write_report(run: RunFolder) -> Path:
    """Write report.html into a run folder, from the files there alone, and return its path.

    The run may be in progress, failed or resumed, and may have no round yet; what is not known is left out.

    Raises:
        RunFolderError: If the folder is damaged or cannot be written.

    Example:
        >>> import tempfile
        >>> run = RunFolder.create("empty", {"status": "running"}, root=tempfile.mkdtemp())
        >>> write_report(run).name
        'report.html'
    """
    path = run.path / "report.html"
    html = render(read_record(run), run.path.name)
    try:
        write_atomically(path, html.encode("utf-8", errors="replace"))
    except OSError as error:
        raise RunFolderError(f"cannot write {path} ({error.strerror}); make the folder writable") from None
    return path


def render(record: Record, folder: str) -> str:
    """Return the page of a run whose folder has the given name."""
    drawing = record.word("model", "drawing")
    return fill(
        TEMPLATE,
        name=run_name(record),
        folder=folder,
        created=moment(record.word("created")),
        top=headline(record),
        gaps=record.gaps,
        **_figures(record),
        radio=radio_facts(record),
        masking=masking_facts(record),
        attack=attack_facts(record),
        privacy=privacy_facts(record),
        devices=device_facts(record),
        pool=pool_facts(record),
        refusals=refusals(record),
        failed_rounds=failed_rounds(record),
        model_facts=model_facts(record),
        drawing=drawing,
        drawing_source=_as_image(drawing),
        comparison=comparison(record),
        changed=changed_settings(record),
        unchanged=default_settings(record),
        command=command(record),
        facts=facts(record),
        digests=DIGESTS,
        metric=record.metric.noun,
        rounds=round_rows(record),
    )


def _figures(record: Record) -> dict[str, figures.Figure | list[figures.Figure] | None]:
    return {name: getattr(figures, name)(record) for name in figures.__all__ if name != "Figure"}


def _as_image(drawing: str) -> str:
    """Return an SVG drawing as the address of an image, in which no script runs; nothing for other drawings."""
    if not drawing.lstrip().startswith(("<svg", "<?xml")):
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode("utf-8", errors="replace")).decode()
