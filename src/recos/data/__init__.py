"""The nouns: events, exposures, spectra and what they are made of."""
