"""Traffic engineering: one path for every demand, so that the busiest link is as little used as can be.

`topology` and `routing` are the problem, `linear` its bounds and its exact reference, `heuristics` the classical
answers, `surrogate` the binary quadratic model that annealers and quantum computers take, `blocks` a few demands of it
at a time.
"""
