"""What all figures have in common. They need matplotlib, which is optional."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recos.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {
    "FUVA": "#1b6e8c", "FUVB": "#c2602d", "NUVA": "#1b6e8c", "NUVB": "#c2602d", "NUVC": "#6b8a3a",
}  # fmt: skip
"""Of segments and stripes."""
GREY = "0.45"
FONT = 11
"""Size of labels, points."""


def empty_figure(width: float, height: float) -> Figure:
    """An empty figure that belongs to no window and changes no setting of the process.

    Parameters
    ----------
    width, height : float
        Inches.

    Raises
    ------
    UsageError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError(
            "The figure needs matplotlib. Install it (pip install 'recos[plot]'), or do without the figure."
        ) from None
    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def label_axes(axes: Axes, x: str, y: str) -> None:
    """Labels and ticks."""
    axes.set_xlabel(x, fontsize=FONT)
    axes.set_ylabel(y, fontsize=FONT)
    axes.tick_params(labelsize=FONT - 1, direction="in", top=True, right=True)
