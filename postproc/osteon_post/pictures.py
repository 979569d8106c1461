"""Which pictures a report holds, made from the results one by one."""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from . import curves, style
from .maps import Unrolled, fit_figure, map_steps, maps_figure, micromotion_um
from .reader import Fall, History, Results, Step
from .sections import Column, Cutter, columns_figure, fall_figure
from .states import states_figure
from .style import Picture
from .words import factor_words, number

MAP_DAYS = 6
FALL_PICTURES = 4


@dataclass
class Gallery:
    """Finished pictures by the section of the page they belong to."""

    quality: list[Picture] = field(default_factory=list)
    density: list[Picture] = field(default_factory=list)
    strain: list[Picture] = field(default_factory=list)
    interface: list[Picture] = field(default_factory=list)
    states: list[Picture] = field(default_factory=list)
    curves: list[Picture] = field(default_factory=list)
    falls: list[Picture] = field(default_factory=list)
    solver: list[Picture] = field(default_factory=list)


class Painter:
    """Makes pictures and, where a folder is given, keeps each as a PNG there too."""

    def __init__(self, results: Results, folder: Path | None) -> None:
        self.results, self.folder = results, folder
        self.cutter = Cutter(results)
        interface = results.interface
        self.unrolled = Unrolled(interface, results.side) if interface is not None else None

    def keep(
        self, name: str, fig: Figure | None, caption: str, vector: bool = False
    ) -> list[Picture]:
        return style.keep_picture(self.folder, name, fig, caption, vector)

    def gallery(self) -> Gallery:
        r = self.results
        return Gallery(
            quality=self.keep(
                "mesh-quality",
                quality_figure(r),
                (
                    "Shape quality of the cells (SICN: 1 is a regular tetrahedron, 0 a flat one), "
                    "by share of the cells; note the logarithmic scale."
                ),
                True,
            ),
            density=self._density(),
            strain=self._strain(),
            interface=self._fit() + self._interface(),
            states=self.keep(
                "states",
                states_figure(r),
                (
                    "What holds the stem, by share of its surface in bone, at the peak of the"
                    " leading activity; below, by zone. Bond grown: bone holds a tenth of the area"
                    " or more; the dashed line is how much it holds. Bond broken: more than half of"
                    " what had grown. Numbers above are the stages of the protocol."
                ),
                True,
            ),
            curves=self.keep(
                "curves",
                curves.curves_figure(r.history),
                (
                    "The course of the run. Shaded bands and the numbers above them are the stages"
                    " of the protocol; coloured numbers right of a panel are the zones of the stem."
                ),
                True,
            ),
            falls=[p for f in r.worst_falls[:FALL_PICTURES] for p in self._fall(f)],
            solver=self.keep(
                "solver",
                curves.solver_figure(r.history),
                "Effort of the solver over the days of the run.",
                True,
            ),
        )

    # Sections
    def density_columns(self) -> tuple[list[Column], Step, Step] | None:
        steps = self.results.steps_with("cell/density")
        if not steps:
            return None
        before, after = (self.results.step_field(s, "cell/density") for s in (steps[0], steps[-1]))
        bone = self.cutter.bone
        scale = style.Scale(
            "apparent density (g/cm³)",
            style.DENSITY,
            Normalize(0, style.upper_limit([before[bone], after[bone]], 0.999)),
        )
        change = after - before
        limit = max(0.05, style.upper_limit([np.abs(change[bone])], 0.995))
        words = style.Scale(
            "change of apparent density (g/cm³); orange: loss, blue: gain",
            style.CHANGE,
            Normalize(-limit, limit),
            "both",
        )
        return (
            [
                Column(f"before, day {steps[0].day:.0f}", before, scale),
                Column(f"after, day {steps[-1].day:.0f}", after, scale),
                Column("change", change, words),
            ],
            steps[0],
            steps[-1],
        )

    def _density(self) -> list[Picture]:
        found = self.density_columns()
        if found is None:
            return []
        columns, before, after = found
        if before.key == after.key:
            columns = columns[:1]
        fig = columns_figure(self.cutter, columns, self.results.interface, len(columns) - 1)
        return self.keep(
            "density",
            fig,
            (
                f"Apparent density of the bone on day {before.day:.0f} and day {after.day:.0f}, and"
                " the change between them, in the planes through the stem's axis and in three"
                " transverse planes (dashed lines). Frontal sections are seen from the front,"
                " transverse ones from distal. Grey: stem and abutment; dark lines: their outline"
                " and the bone's. Circled numbers: zones."
            ),
        )

    def _strain(self) -> list[Picture]:
        steps = self.results.steps_with("cell/strain_tension", "cell/strain_compression")
        if not steps:
            return []
        load = lambda s: load_on(self.results.history, s.day)  # noqa: E731
        loaded = [s for s in steps if load(s) > 0] or steps
        alike = [s for s in loaded[:-1] if load(s) > 0.95 * load(loaded[-1])]
        chosen = [alike[0] if alike else loaded[0], loaded[-1]] if len(loaded) > 1 else loaded
        solid = self.cutter.bone & ~self.results.mesh.in_regions("marrow")
        fields, titles = [], []
        for kind, sign in (("compression", -1e6), ("tension", 1e6)):
            for s in chosen:
                strain = sign * self.results.step_field(s, f"cell/strain_{kind}")
                fields.append(np.maximum(0.0, strain))
                force = f", {number(load(s))} N" if np.isfinite(load(s)) else ""
                titles.append(f"{kind}, day {s.day:.0f}{force}")
        scale = style.Scale(
            "peak principal strain, magnitude (µε)",
            style.STRAIN,
            Normalize(0, style.upper_limit([f[solid] for f in fields], 0.99)),
            "max",
        )
        columns = [Column(t, f, scale) for t, f in zip(titles, fields)]
        fig = columns_figure(self.cutter, columns, self.results.interface, None)
        return self.keep(
            "strain",
            fig,
            "Peak strain of the bone in the leading activity: magnitude of the smallest principal"
            " strain (compression) and the largest (tension), on the last saved day and "
            + (
                "the first one under the same load"
                if alike
                else "the first one under load (the loads differ, as the protocol has it)"
            )
            + "; each with its axial load. 1000 µε = 0.1 %.",
        )

    # Interface
    def map_steps(self) -> list[Step]:
        """The days of the maps; an unloaded stem before its first day shows nothing."""
        steps = map_steps(self.results)
        skip = len(steps) > MAP_DAYS and not np.any(micromotion_um(self.results, steps[0]) > 0)
        return evenly(steps, int(skip), MAP_DAYS)

    def _fit(self) -> list[Picture]:
        if self.unrolled is None:
            return []
        return self.keep(
            "fit",
            fit_figure(self.unrolled, self.results.side),
            "How the stem was laid: gap of each face before the press-fit, normal to the stem"
            " (orange: interference), over the unrolled surface; beside it the kinds of surface,"
            " where there is more than one. Lines: zones of the stem.",
        )

    def _interface(self) -> list[Picture]:
        steps = self.map_steps()
        if self.unrolled is None or not steps:
            return []
        return self.keep(
            "interface",
            maps_figure(self.results, self.unrolled, steps),
            "The stem's surface in bone, unrolled: angle round the stem against depth (0 is the"
            " resection plane, proximal is up). Upper row: bonded fraction; lower row: largest"
            " micromotion of each face in a load cycle, blue lines on its scale at 40 and 150 µm."
            " Lines and numbers: zones of the stem"
            + ("; dotted: end of the coating." if self.unrolled.coating_end() is not None else "."),
        )

    # Falls
    def _fall(self, fall: Fall) -> list[Picture]:
        risk = self.results.fall_values(fall, "cell/risk")
        if risk is None or fall.place is None:
            return []
        fig = fall_figure(
            self.cutter,
            fall,
            risk.data.reshape(-1),
            "risk: strain over its limit (light blue: past it)",
        )
        return self.keep(
            f"fall-{fall.key}",
            fig,
            (
                f"Fall “{fall.title}”, load factor {factor_words(fall)}: sections through the"
                f" worst place (ring). {risk.description.rstrip('.').capitalize()}."
            ),
        )


def evenly(steps: list[Step], first: int, count: int) -> list[Step]:
    """At most `count` steps, evenly spread from number `first` to the last."""
    last = len(steps) - 1
    chosen = np.round(np.linspace(min(first, last), last, count)).astype(int)
    return [steps[i] for i in np.unique(chosen)] if steps else []


def load_on(history: History, day: float) -> float:
    """Axial load of the row nearest to a day (N)."""
    if "load_axial" not in history or len(history.days) == 0:
        return float("nan")
    return float(history["load_axial"][int(np.argmin(np.abs(history.days - day)))])


def quality_figure(results: Results) -> Figure | None:
    if results.mesh.sicn is None:
        return None
    sicn = results.mesh.sicn[np.isfinite(results.mesh.sicn)]
    fig, axes = plt.subplots(figsize=(6.4, 2.3))
    axes.hist(
        sicn,
        bins=np.linspace(min(0.0, float(sicn.min())), 1, 41),
        color=style.BLUE,
        edgecolor="white",
        linewidth=0.4,
        weights=np.full(len(sicn), 100.0 / len(sicn)),
    )
    axes.set(xlabel="SICN (1)", ylabel="cells (%)", yscale="log")
    axes.axvline(
        sicn.min(), color=style.VERMILION, lw=1.2, ls="--", label=f"smallest {sicn.min():.3f}"
    )
    axes.axvline(sicn.mean(), color=style.INK, lw=1.2, ls=":", label=f"mean {sicn.mean():.3f}")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncol=2, borderaxespad=0.1)
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:g}")
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    fig.tight_layout(pad=0.5)
    return fig
