"""Homomorphic sums: updates are encrypted under one client's key, and the server adds them up without reading them.

CKKS (Cheon et al., 2017, doi:10.1007/978-3-319-70694-8_15) of TenSEAL, an extra. The client that holds the secret key
reads every update of the round if the server hands it over; masking (`qfl.security.masking`) trusts no client so far.
"""
