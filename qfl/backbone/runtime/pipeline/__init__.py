"""What every optimisation job goes through: reduced, solved by whoever was chosen, verified (the paper's section II-C).

`reduce` makes the problem smaller and knows the way back, `solve` asks one solver by its name, `verify` recomputes and
improves what came, so that nothing leaves that was not checked.
"""
