"""What the user asks for: options of a run, values of headers, products, regions of extraction."""
