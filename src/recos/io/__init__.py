"""Every open file: exposures, FITS files as they are written, shift files, names of files."""
