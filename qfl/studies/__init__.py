"""One engine for what is measured more than once: schedulers and federations compared, tables reproduced, benchmarks.

A study is four functions and its settings (`qfl.studies.study`). Folder, jobs, resuming, bands, figures, CSV files and
pages are here once. What belongs to one paper, its numbers and the text of its page, stands beside its run file in a
checkout's ``examples/<paper>/study.py`` (`qfl.studies.examples`).
"""
