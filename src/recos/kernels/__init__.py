"""Compiled loops over events and pixels: arrays in, arrays out.

Nothing here knows FITS, headers or steps. Modules are Cython in pure-Python mode, compiled when recos is built; each
loop releases the interpreter lock and has a plain NumPy twin in its test. Results are the same bits on every
platform: prescribed roundings to float32 stand in the code, and the compiler may not fuse or reorder operations.
"""
