"""The NUV channel as a detector of the simulator."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from recos.data.instrument import STRIPES
from recos.errors import UsageError
from recos.references.dispersion import Dispersion
from recos.simulate.configurations import Configuration
from recos.simulate.nuv import layout, raw
from recos.simulate.nuv.events import bad_times, expected_rate, flashes, onboard_amplitude, simulate_events
from recos.simulate.nuv.mechanism import fp_shift, shift1, shift2
from recos.simulate.nuv.motion import earth_velocity, orbit
from recos.simulate.nuv.photons import Source
from recos.simulate.nuv.references import write_references
from recos.simulate.plan import PlannedExposure


class Nuv:
    """NUV exposures of one configuration: their reference files, raw files, and what is true about them.

    Effects of the plan that the NUV has not are ignored: trace (spectra are straight, but inclined), grid wires,
    gain sag, walk, thermal, distortion, bursts, airglow. Bad times are those of TIME-TAG exposures. The first order
    of G230L on stripe C is left out: all light there is of the second order.

    Parameters
    ----------
    configuration : Configuration
        With an NUV grating or mirror.

    Raises
    ------
    UsageError
        If the grating belongs to the FUV.
    """

    def __init__(self, configuration: Configuration) -> None:
        if configuration.is_fuv:
            raise UsageError(
                f"OPT_ELEM = {configuration.opt_elem}: an FUV grating. Possible with the NUV: "
                f"{', '.join([*layout.GRATINGS, *layout.SECOND_IMAGE])}."
            )
        self.configuration = configuration

    def write_references(self, directory: Path) -> dict[str, str]:
        """Write the reference files; those that exist are left alone. BADTTAB has no bad time of any observation.

        Returns
        -------
        dict of str to str
            Keyword to the name for headers, such as ``lref$nuv_flat.fits``.
        """
        return write_references(self.configuration, directory)

    def expected_counts(self, planned: PlannedExposure, source: Source) -> float:
        """Expected events of the source in an exposure, all stripes; the flat field counts as 1. 0 for the lamp."""
        if planned.is_wavecal:
            return 0.0
        lost = sum(stop - start for start, stop in bad_times(planned))
        return expected_rate(planned, source) * (planned.exptime - lost)

    def write_raw(
        self, planned: PlannedExposure, source: Source, directory: Path, names: dict[str, str]
    ) -> tuple[list[Path], dict]:
        """Simulate an exposure and write its raw file.

        Parameters
        ----------
        planned : PlannedExposure
        source : Source
            Ignored for exposures of the lamp.
        directory : Path
            The folder of raw files; it must exist, and the file must not.
        names : dict of str to str
            What :meth:`write_references` returned.

        Returns
        -------
        paths : list of Path
        truth : dict
            What :meth:`truth` returns, and the numbers of events; fit for JSON.
        """
        events = simulate_events(planned, source)
        path = raw.write_raw(planned, events, directory, names)
        return [path], {**self.truth(planned), "events": events.counts}

    def truth(self, planned: PlannedExposure) -> dict:
        """What is true about an exposure, fit for JSON.

        Velocities (km/s, positive: receding), displacements of the spectrum by the mechanism along (``shift1``, by
        stripe; including that of the FP-POS) and across the dispersion (``shift2``) at some times (s), pixels.
        """
        time = np.linspace(0.0, planned.exptime, 5)
        motion = orbit(planned)
        spectra = self.configuration.spectra or ("NUVA",)
        return {
            "root": planned.root,
            "exptime": planned.exptime,
            "earth_velocity": earth_velocity(planned),
            "orbit": motion._asdict(),
            "onboard_amplitude": onboard_amplitude(planned),
            "time": time.tolist(),
            "fp_shift": {s: fp_shift(self.configuration.opt_elem, s, planned.fpoffset) for s in spectra},
            "shift1": {s: shift1(planned, s, time).tolist() for s in spectra},
            "shift2": shift2(planned, time).tolist(),
            "flashes": [list(flash) for flash in flashes(planned)],
            "bad_times": [list(interval) for interval in bad_times(planned)],
            "line_spread": layout.LINE_SPREAD[self.configuration.aperture] * planned.effects.line_spread,
            "target": list(layout.TARGET) if self.configuration.is_imaging else None,
        }

    def dispersion(self, spectrum: str, aperture: str = "PSA") -> Dispersion:
        """Dispersion relation of a stripe for PSA, BOA or WCA.

        Raises
        ------
        UsageError
            If there is no such stripe.
        """
        c = self.configuration
        if c.is_imaging or spectrum not in STRIPES:
            raise UsageError(
                f"{spectrum}: no spectrum of {c.opt_elem}. Possible: {', '.join(c.spectra) or 'none'}."
            )
        return layout.dispersion(c.opt_elem, c.cenwave, spectrum, aperture)

    def line_spread(self, spectrum: str) -> float:
        """Standard deviation of the Gaussian line spread function, pixels; the same for all stripes."""
        return layout.LINE_SPREAD[self.configuration.aperture]
