"""Compiled loops over events and pixels: arrays in, arrays out.

Nothing here knows FITS, headers or steps. Every kernel is compiled by numba when it is first called, kept in a
cache for later processes, releases the interpreter lock, and has a plain NumPy twin in its test. How to write one:
see :mod:`recos.kernels.compiled`.
"""
