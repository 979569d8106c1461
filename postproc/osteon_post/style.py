"""Colours, fonts and small helpers that all pictures share.

Maps are perceptually uniform and readable with the common colour-vision deficiencies: cividis and
viridis from dark to light, magma reversed so that little is light and much is dark (no ink wasted
on quiet bone), and a diverging map interpolated in CIELAB between orange (loss) and blue (gain).
Lines take the Okabe-Ito set and differ in stroke as well.
"""
from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.ticker import MaxNLocator  # noqa: E402
import numpy as np  # noqa: E402

INK, MUTED, GRID = "#1d2733", "#5b6775", "#d5dae1"
STEM, ABUTMENT = "#a9afb7", "#c9ced4"
BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#d55e00",
    "#56b4e9",
    "#cc79a7",
)
ZONE_COLOURS = ("#08457e", "#2b83c6", "#7fb8e6", "#3d3d3d", "#f0a030", "#d0640c", "#7a3300")
# Kinds of surface of a stem, in the order of the file; two finishes and sixteen zones at most.
SURFACES = tuple(plt.get_cmap("tab20").colors)
ZONE_STROKES = ("-", "-", "-", ":", "--", "--", "--")
# Courses that stand for one thing each, as protocols that are compared: told apart by colour, and
# by stroke as well.
COURSE_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, INK, ORANGE, SKY)
COURSE_STROKES = ("-", "--", "-.", ":", (0, (7, 2)), (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
ZONE_NAMES = (
    "lateral, distal third",
    "lateral, middle third",
    "lateral, proximal third",
    "beyond the tip",
    "medial, proximal third",
    "medial, middle third",
    "medial, distal third",
)
DPI = 125

plt.rcParams.update(
    {
        "font.family": "DejaVu Sans",
        "font.size": 8.5,
        "axes.titlesize": 9,
        "axes.labelsize": 8.5,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelsize": 7.5,
        "ytick.labelsize": 7.5,
        "axes.linewidth": 0.7,
        "xtick.major.width": 0.7,
        "ytick.major.width": 0.7,
        "xtick.major.size": 3,
        "ytick.major.size": 3,
        "legend.fontsize": 7.5,
        "legend.frameon": False,
        "svg.hashsalt": "osteon",
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "axes.unicode_minus": True,
    }
)


# Anatomy: y points to the patient's left, which is medial on a right limb.
def y_names(side: str) -> tuple[str, str]:
    """Names of the -y and the +y direction."""
    if side == "right":
        return "lateral", "medial"
    if side == "left":
        return "medial", "lateral"
    return "right", "left"


def angle_names(side: str) -> list[str]:
    """Names at 0, 90, 180, 270, 360 degree round the stem."""
    minus, plus = y_names(side)
    return ["anterior", plus, "posterior", minus, "anterior"]


SHORT_NAMES = {
    "anterior": "ant.",
    "posterior": "post.",
    "medial": "med.",
    "lateral": "lat.",
    "left": "left",
    "right": "right",
}


# Maps
def _to_lab(rgb: np.ndarray) -> np.ndarray:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array(
        [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
    )
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])],
        axis=-1,
    )


def _to_rgb(lab: np.ndarray) -> np.ndarray:
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], axis=-1)
    linear = (
        f**3
        * [0.9505, 1.0, 1.089]
        @ np.array(
            [[3.2406, -0.9689, 0.0557], [-1.5372, 1.8758, -0.2040], [-0.4986, 0.0415, 1.0570]]
        )
    )
    return np.clip(
        np.where(
            linear <= 0.0031308,
            12.92 * linear,
            1.055 * np.clip(linear, 0, None) ** (1 / 2.4) - 0.055,
        ),
        0,
        1,
    )


def _diverging() -> Colormap:
    low, middle, high = _to_lab(
        np.array([[0.62, 0.25, 0.0], [0.975, 0.97, 0.965], [0.0, 0.27, 0.56]])
    )
    t = np.linspace(0, 1, 128)[:, None]
    return LinearSegmentedColormap.from_list(
        "loss_gain", _to_rgb(np.vstack([low + t * (middle - low), middle + t * (high - middle)]))
    )


DENSITY, CHANGE, BOND = plt.get_cmap("cividis"), _diverging(), plt.get_cmap("viridis")
STRAIN = MOTION = LinearSegmentedColormap.from_list(
    "quiet_to_much", plt.get_cmap("magma_r")(np.linspace(0.0, 0.94, 256))
)
RISK = LinearSegmentedColormap.from_list(
    "risk", plt.get_cmap("magma_r")(np.linspace(0.0, 0.8, 256))
)
RISK.set_over("#00b7eb")  # past the limit: a colour the map itself has not


def nice_ceiling(value: float) -> float:
    """The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 times a power of ten."""
    if not math.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        m * power
        for m in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
        if m * power >= value * (1 - 1e-9)
    )


def upper_limit(values: list[np.ndarray], share: float) -> float:
    """A round number that at least `share` of all finite values stay below."""
    pool = np.concatenate([v[np.isfinite(v)] for v in values]) if values else np.zeros(0)
    return nice_ceiling(float(np.quantile(pool, share))) if len(pool) else 1.0


@dataclass(frozen=True)
class Scale:
    """What a colour means."""

    label: str
    cmap: Colormap
    norm: Normalize
    extend: str = "neither"


def colour_bar(
    fig: Figure, box: tuple[float, float, float, float], scale: Scale, vertical: bool = False
) -> Axes:
    axes = fig.add_axes(box)
    mappable = plt.cm.ScalarMappable(norm=scale.norm, cmap=scale.cmap)
    bar = fig.colorbar(
        mappable,
        cax=axes,
        orientation="vertical" if vertical else "horizontal",
        extend=scale.extend,
    )
    bar.set_label(scale.label)
    length = box[3] * fig.get_figheight() if vertical else box[2] * fig.get_figwidth()
    room = int(length / (0.35 if vertical else 0.55))
    bar.locator = MaxNLocator(min(8, max(2, room)), steps=[1, 2, 2.5, 5, 10])
    bar.update_ticks()
    bar.outline.set_linewidth(0.5)
    return axes


# Figures as text for the page
@dataclass(frozen=True)
class Picture:
    """A finished picture with the words that stand below it."""

    name: str
    caption: str
    uri: str


def png_bytes(fig: Figure, dpi: int = DPI) -> bytes:
    stream = io.BytesIO()
    fig.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()


def _svg_bytes(fig: Figure) -> bytes:
    stream = io.BytesIO()
    fig.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()


def as_uri(fig: Figure, vector: bool) -> str:
    kind, data = ("svg+xml", _svg_bytes(fig)) if vector else ("png", png_bytes(fig))
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def keep_picture(
    folder: Path | None, name: str, fig: Figure | None, caption: str, vector: bool = False
) -> list[Picture]:
    """The figure as a picture for a page; where a folder is given, as a PNG there too."""
    if fig is None:
        return []
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.png").write_bytes(png_bytes(fig, 150))
    picture = Picture(name, caption, as_uri(fig, vector))
    plt.close(fig)
    return [picture]
