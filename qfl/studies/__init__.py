"""One engine for what is measured more than once: schedulers and federations compared, tables reproduced, benchmarks.

A study is four functions and its settings (`qfl.studies.study`). Folder, jobs, resuming, bands, figures, CSV files and
pages are here once. What belongs to one paper, its numbers and the text of its page, stands beside its run file in a
checkout's ``examples/<paper>/study.py`` (`qfl.studies.examples`).
"""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.studies.bands import (
        Curve as Curve,
        curve_through as curve_through,
        half_width as half_width,
        interval as interval,
    )
    from qfl.studies.bench.encrypted_round import encrypted_round as encrypted_round
    from qfl.studies.bench.masked_round import Fleet as Fleet, masked_round as masked_round, plain_round as plain_round
    from qfl.studies.bench.measure import summary as summary, take_turns as take_turns
    from qfl.studies.bench.schedule import exponent as exponent
    from qfl.studies.bench.study import request_of as request_of
    from qfl.studies.bench.table import BENCHMARKS as BENCHMARKS
    from qfl.studies.csv_files import flat as flat, write_csv as write_csv
    from qfl.studies.everything import (
        Everything as Everything,
        again as again,
        asked_for as asked_for,
        begin_all as begin_all,
        run_everything as run_everything,
    )
    from qfl.studies.examples import (
        Example as Example,
        Placed as Placed,
        examples_of as examples_of,
        member as member,
        module_of as module_of,
    )
    from qfl.studies.federations.colours import LIGHT as LIGHT, STROKES as STROKES, styles_of as styles_of
    from qfl.studies.federations.curves import read_runs as read_runs
    from qfl.studies.federations.outcome import LEVELS as LEVELS
    from qfl.studies.federations.run import (
        OnMember as OnMember,
        by_label as by_label,
        finished as finished,
        missing_data as missing_data,
    )
    from qfl.studies.federations.settings import (
        Choice as Choice,
        LearningSettings as LearningSettings,
        MOST_SEEDS as MOST_SEEDS,
        Member as Member,
        QUICK as QUICK,
        faults_of as faults_of,
        learning_from as learning_from,
        members as members,
        to_tables as to_tables,
    )
    from qfl.studies.federations.study import comparison_of as comparison_of
    from qfl.studies.federations.summary_text import failure as failure
    from qfl.studies.federations.sweep import (
        cells as cells,
        grid_of as grid_of,
        parse_axis as parse_axis,
        values_of as values_of,
    )
    from qfl.studies.jobs import run_jobs as run_jobs
    from qfl.studies.kept import keep as keep
    from qfl.studies.markdown import table as table
    from qfl.studies.reproduction import reproduce as reproduce
    from qfl.studies.request import (
        Request as Request,
        begin as begin,
        comparison as comparison,
        finish as finish,
        to_stderr as to_stderr,
    )
    from qfl.studies.schedulers.claims import PLAUSIBLE_SCA as PLAUSIBLE_SCA, Paper as Paper
    from qfl.studies.schedulers.outcome import write_tables as write_tables
    from qfl.studies.schedulers.own import check_own as check_own, located as located
    from qfl.studies.schedulers.picture import comparison_png as comparison_png
    from qfl.studies.schedulers.run import show_rows as show_rows
    from qfl.studies.schedulers.settings import (
        ComparisonSettings as ComparisonSettings,
        comparison_from as comparison_from,
        flat_settings as flat_settings,
        read_comparison as read_comparison,
    )
    from qfl.studies.schedulers.summary_text import headline as headline, number as number, paces as paces
    from qfl.studies.study import Study as Study

__getattr__, __dir__ = attributes(__name__)
