"""Products: headers, tables, images, and how they are written.

`fitsfile` writes bytes atomically, `headers` turns the EVENTS header into those of the products, `table` is a
binary table in memory, `corrtag` and `image_files` write the large files of one segment, `merge` and `association`
do the book-keeping between files.
"""
