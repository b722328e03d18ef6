"""Post-quantum secure aggregation: the server learns the sum of the clients' updates and of none by itself.

Masks that cancel in the sum (Bonawitz et al., 2017, doi:10.1145/3133956.3133982), between neighbours of a graph (Bell
et al., 2020, doi:10.1145/3372297.3417885), with ML-KEM-768 in place of Diffie-Hellman. Bytes in, bytes out: what
carries them is `qfl.federation.masking`.
"""
