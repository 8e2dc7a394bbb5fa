"""Corrections of the extraction of spectra."""

from recos.corrections.entry import Correction

EXTRACTION = (
    Correction(
        "enclosed-energy",
        stage="spectrum",
        changes="ACTUAL_EE counts the light of the lowest row that is summed.",
        why="The light of that row is left out of the fraction that fluxes are divided by.",
        specification="5 §5.5.1",
        effect="flux 0.12 to 0.19 % lower with the standard limits, 4 % with limits of 0.1 and 0.9",
        detectors=("FUV",),
        algorithms=("TWOZONE",),
    ),
)
