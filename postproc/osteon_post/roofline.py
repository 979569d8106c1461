"""The roofline of a machine, from the figures of `osteon bench -o FILE.json`: what memory and
arithmetic allow over the intensity of a kernel, and where the products of the stiffness lie."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from .reader import ResultsError
from .style import BLUE, INK, MUTED, VERMILION, plt

# precision: key of its arithmetic, colour, stroke
KINDS = {"single": ("single_flop_s", BLUE, "-"), "double": ("double_flop_s", VERMILION, "--")}


def read_figures(path: Path) -> dict[str, Any]:
    """What bench wrote; ResultsError where something else stands in the file."""
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))
        for kind, (flops, *_) in KINDS.items():
            product = figures["product"][kind]
            numbers = (figures[flops], figures["update_bytes_s"], figures["triad_bytes_s"],
                       *(product[key] for key in ("flop", "bytes", "seconds")))
            if not all(isinstance(v, (int, float)) and v > 0 for v in numbers):
                raise ValueError("a figure is not a positive number")
    except (ValueError, KeyError, TypeError) as error:
        raise ResultsError(
            f"{path}: these are no figures of a machine ({error})\n"
            "    fix: let `osteon bench -o FILE.json` write them") from error
    return figures


def roofline(figures: dict[str, Any], target: Path) -> None:
    """PNG: operations per second [GFLOP/s] over operations per byte of memory."""
    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    intensity = np.geomspace(0.1, 100.0, 200)
    for kind, (key, colour, stroke) in KINDS.items():
        ceiling = np.minimum(intensity * figures["update_bytes_s"], figures[key])
        axes.plot(intensity, 1e-9 * ceiling, stroke, color=colour,
                  label=f"ceiling, {kind}: {1e-9 * figures[key]:.0f} GFLOP/s")
        product = figures["product"][kind]
        x, y = product["flop"] / product["bytes"], product["flop"] / product["seconds"]
        most = min(x * figures["update_bytes_s"], figures[key])
        axes.plot(x, 1e-9 * y, "o", color=colour)
        axes.annotate(f"product, {kind}: {1e-9 * y:.0f} GFLOP/s, {100 * y / most:.0f} %",
                      (x, 1e-9 * y), xytext=(9, -12), textcoords="offset points", color=colour)
    triad = intensity * figures["triad_bytes_s"]
    low = triad < figures["single_flop_s"]
    axes.plot(intensity[low], 1e-9 * triad[low], ":", color=MUTED,
              label=f"a = b + s c: {1e-9 * figures['triad_bytes_s']:.0f} GB/s")
    axes.set(xscale="log", yscale="log", xlabel="operations per byte of memory [flop/B]",
             ylabel="operations per second [GFLOP/s]")
    axes.set_title(f"{figures.get('processor', 'a machine')}, {figures.get('ranks', '?')} ranks; "
                   f"a = a + s b: {1e-9 * figures['update_bytes_s']:.0f} GB/s",
                   fontsize=10, color=INK)
    axes.grid(which="both", alpha=0.25)
    axes.legend(loc="lower right", fontsize=8)
    figure.savefig(target, dpi=150)
    plt.close(figure)
