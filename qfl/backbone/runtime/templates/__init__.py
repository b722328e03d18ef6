"""The registry: what was found out before a job came, by name and version, each entry a file that is signed.

Three kinds: ``qubo``, the structure of an application's model, whose coefficients are the job's; ``angles``, of QAOA
for a family of problems; ``checkpoint``, what a detector or a forecaster has learned.
"""
