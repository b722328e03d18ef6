"""Federated learning on Flower: the only package that imports it.

A round is in `loop`, what a server does around its rounds in `server`, what a client does with a message in `client`.
Which node is which client is known to `node_directory`, what a client remembers to `client_state`; what Flower does not
promise to keep is in `adapter`. Five rooms hold the rest: `grids`, `strategy`, `records`, `worker`, `runtime`.
"""
