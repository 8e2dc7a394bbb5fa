"""Light curves: count rate and flux against time, from the events of corrtag files.

`exposures` reads and extracts the exposures, `regions` says where a spectrum and its background lie, `events` how
much each event counts, `bins` divides the time, `curve` puts the table together.
"""

from recos.lightcurve.curve import light_curve
from recos.lightcurve.output import check_suffix, table_bytes

__all__ = ["check_suffix", "light_curve", "table_bytes"]
