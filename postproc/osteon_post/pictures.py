"""Which pictures a report holds, made from the results one by one."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from . import curves, style
from .maps import Unrolled, bond_scale, face_field, maps_figure
from .reader import Fall, History, Results, Step
from .sections import Column, Cutter, columns_figure, draw, fall_figure, frontal, mark_zones
from .style import Picture
from .words import number

MAP_DAYS = 6
FALL_PICTURES = 4


@dataclass
class Gallery:
    """Finished pictures by the section of the page they belong to."""
    quality: list[Picture] = field(default_factory=list)
    density: list[Picture] = field(default_factory=list)
    strain: list[Picture] = field(default_factory=list)
    interface: list[Picture] = field(default_factory=list)
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

    def keep(self, name: str, fig: Figure | None, caption: str, vector: bool = False) -> list[Picture]:
        if fig is None:
            return []
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{name}.png").write_bytes(style.png_bytes(fig, 150))
        picture = Picture(name, caption, style.as_uri(fig, vector))
        plt.close(fig)
        return [picture]

    def gallery(self) -> Gallery:
        r = self.results
        return Gallery(
            quality=self.keep("mesh-quality", quality_figure(r), "Shape quality of the cells (SICN: 1 is a regular tetrahedron, 0 a flat one), "
                              "by share of the cells; note the logarithmic scale.", True),
            density=self._density(), strain=self._strain(), interface=self._interface(),
            curves=self.keep("curves", curves.curves_figure(r.history), "The course of the run. Shaded bands and the numbers above them are the "
                             "stages of the protocol; coloured numbers right of a panel are the zones of the stem.", True),
            falls=[p for f in r.worst_falls[:FALL_PICTURES] for p in self._fall(f)],
            solver=self.keep("solver", curves.solver_figure(r.history), "Effort of the solver over the days of the run.", True))

    # Sections
    def density_columns(self) -> tuple[list[Column], Step, Step] | None:
        steps = [s for s in self.results.steps if self.results.step_values(s, "cell/density") is not None]
        if not steps:
            return None
        before, after = (self.results.step_values(s, "cell/density").data.reshape(-1) for s in (steps[0], steps[-1]))
        bone = self.cutter.bone
        scale = style.Scale("apparent density (g/cm³)", style.DENSITY, Normalize(0, style.upper_limit([before[bone], after[bone]], 0.999)))
        change = after - before
        limit = max(0.05, style.upper_limit([np.abs(change[bone])], 0.995))
        words = style.Scale("change of apparent density (g/cm³); orange: loss, blue: gain", style.CHANGE, Normalize(-limit, limit), "both")
        return ([Column(f"before, day {steps[0].day:g}", before, scale), Column(f"after, day {steps[-1].day:g}", after, scale),
                 Column("change", change, words)], steps[0], steps[-1])

    def _density(self) -> list[Picture]:
        found = self.density_columns()
        if found is None:
            return []
        columns, before, after = found
        if before.key == after.key:
            columns = columns[:1]
        fig = columns_figure(self.cutter, columns, self.results.interface, len(columns) - 1)
        return self.keep("density", fig, f"Apparent density of the bone on day {before.day:g} and day {after.day:g}, and the change between them, in the "
                         "planes through the stem's axis and in three transverse planes (dashed lines). Frontal sections are seen from the front, "
                         "transverse ones from distal. Grey: stem and abutment; dark lines: their outline and the bone's. Circled numbers: zones.")

    def _strain(self) -> list[Picture]:
        steps = [s for s in self.results.steps if self.results.step_values(s, "cell/strain_tension") is not None]
        if not steps:
            return []
        load = lambda s: load_on(self.results.history, s.day)  # noqa: E731
        loaded = [s for s in steps if load(s) > 0] or steps
        alike = [s for s in loaded[:-1] if load(s) > 0.95 * load(loaded[-1])]
        chosen = [alike[0] if alike else loaded[0], loaded[-1]] if len(loaded) > 1 else loaded
        columns, known = [], []
        solid = self.cutter.bone & ~self.results.mesh.in_regions("marrow")
        for kind, sign in (("compression", -1e6), ("tension", 1e6)):
            fields = [np.maximum(0.0, sign * self.results.step_values(s, f"cell/strain_{kind}").data.reshape(-1)) for s in chosen]
            known.append([f[solid] for f in fields])
            columns.append([(f"{kind}, day {s.day:g}, {number(load(s))} N" if np.isfinite(load(s)) else f"{kind}, day {s.day:g}", f)
                            for s, f in zip(chosen, fields)])
        top = style.upper_limit([k for pair in known for k in pair], 0.99)
        scale = style.Scale("peak principal strain, magnitude (µε)", style.STRAIN, Normalize(0, top), "max")
        fig = columns_figure(self.cutter, [Column(t, f, scale) for pair in columns for t, f in pair], self.results.interface, None)
        return self.keep("strain", fig, "Peak strain of the bone in the leading activity: magnitude of the smallest principal strain (compression) and the "
                         "largest (tension), on the last saved day and "
                         + ("the first one under the same load" if alike else "the first one under load (the loads differ, as the protocol has it)")
                         + "; each with its axial load. 1000 µε = 0.1 %.")

    # Interface
    def map_steps(self) -> list[Step]:
        steps = self.results.steps
        have = [s for s in steps if face_field(self.results, s, "bond", 1.0) is not None]
        if len(have) > MAP_DAYS and not self._moves(have[0]):
            have = have[1:]  # an unloaded stem before its first day shows nothing
        return evenly(have, 0, MAP_DAYS)

    def _moves(self, step: Step) -> bool:
        motion = face_field(self.results, step, "micromotion", 1.0)
        return motion is not None and bool(np.any(motion > 0))

    def _interface(self) -> list[Picture]:
        steps = self.map_steps()
        if self.unrolled is None or not steps:
            return []
        return self.keep("interface", maps_figure(self.results, self.unrolled, steps), "The stem's surface in bone, unrolled: angle round the stem against depth "
                         "(0 is the resection plane, proximal is up). Upper row: bonded fraction; lower row: largest micromotion of each face in a load "
                         "cycle, blue lines on its scale at 40 and 150 µm. Lines and numbers: zones of the stem"
                         + ("; dotted: end of the coating." if self.unrolled.coating_end() is not None else "."))

    # Falls
    def _fall(self, fall: Fall) -> list[Picture]:
        risk = self.results.fall_values(fall, "cell/risk")
        if risk is None or fall.place is None:
            return []
        fig = fall_figure(self.cutter, fall, risk.data.reshape(-1), "risk: strain over its limit (light blue: past it)")
        return self.keep(f"fall-{fall.key}", fig, f"Fall “{fall.values.get('name', fall.key)}”, day {number(fall.values.get('day'))}, load factor "
                         f"{number(fall.factor)}: sections through the worst place (ring). {risk.description.rstrip('.').capitalize()}.")


def evenly(steps: list[Step], first: int, count: int) -> list[Step]:
    """At most `count` steps, evenly spread from number `first` to the last."""
    last = len(steps) - 1
    return [steps[i] for i in np.unique(np.round(np.linspace(min(first, last), last, count)).astype(int))] if steps else []


def load_on(history: History, day: float) -> float:
    """Axial load of the row nearest to a day (N)."""
    if "load_axial" not in history or len(history.days) == 0:
        return float("nan")
    return float(history["load_axial"][int(np.argmin(np.abs(history.days - day)))])


def quality_figure(results: Results) -> Figure | None:
    sicn = results.mesh.sicn
    if sicn is None:
        return None
    fig, axes = plt.subplots(figsize=(6.4, 2.3))
    sicn = sicn[np.isfinite(sicn)]
    axes.hist(sicn, bins=np.linspace(min(0.0, float(sicn.min())), 1, 41), color=style.BLUE, edgecolor="white", linewidth=0.4,
              weights=np.full(len(sicn), 100.0 / len(sicn)))
    axes.set(xlabel="SICN (1)", ylabel="cells (%)", yscale="log")
    axes.axvline(sicn.min(), color=style.VERMILION, lw=1.2, ls="--", label=f"smallest {sicn.min():.3f}")
    axes.axvline(sicn.mean(), color=style.INK, lw=1.2, ls=":", label=f"mean {sicn.mean():.3f}")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncol=2, borderaxespad=0.1)
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:g}")
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    fig.tight_layout(pad=0.5)
    return fig


def readme_picture(results: Results, path: Path) -> None:
    """One wide picture: density before, after and change; bond maps; three curves."""
    painter = Painter(results, None)
    fig = plt.figure(figsize=(15.0, 6.0))
    grid = GridSpec(1, 3, figure=fig, width_ratios=[1.15, 1.0, 1.05], left=0.045, right=0.975, top=0.87, bottom=0.1, wspace=0.24)
    _readme_sections(fig, grid[0], painter)
    _readme_maps(fig, grid[1], painter)
    _readme_curves(fig, grid[2], results)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(style.png_bytes(fig, 130))
    plt.close(fig)


def _head(fig: Figure, x: float, text: str) -> None:
    fig.text(x, 0.965, text, ha="center", va="center", fontsize=11, fontweight="bold")


def _readme_sections(fig: Figure, spec, painter: Painter) -> None:
    found, cutter = painter.density_columns(), painter.cutter
    box = spec.get_position(fig)
    _head(fig, 0.5 * (box.x0 + box.x1), "Bone density, frontal section")
    if found is None:
        return
    columns = found[0]
    section = cutter.section(frontal())
    frame = cutter.frame(section, True)
    cells = spec.subgridspec(2, 3, height_ratios=[1, 0.03], wspace=0.08, hspace=0.32)
    minus, plus = style.y_names(cutter.side)
    for k, column in enumerate(columns):
        axes = fig.add_subplot(cells[0, k])
        draw(axes, cutter, section, column.values, column.scale)
        axes.set(xlim=frame.right, ylim=frame.up, aspect="equal", title=column.title)
        axes.set_xlabel(f"y (mm)\n{minus} – {plus}", fontsize=8)
        if k == 0:
            axes.set_ylabel("z (mm)")
        axes.tick_params(labelleft=k == 0)
        if k == 2 and painter.results.interface is not None:
            mark_zones(axes, cutter, painter.results.interface, frame, 6.5)
    for where, column, label in ((cells[1, :2], columns[0], "g/cm³"), (cells[1, 2], columns[2], "change, g/cm³")):
        place = where.get_position(fig)
        scale = style.Scale(label, column.scale.cmap, column.scale.norm, column.scale.extend)
        style.colour_bar(fig, (place.x0 + 0.01, place.y0, place.width - 0.02, place.height), scale)


def _readme_maps(fig: Figure, spec, painter: Painter) -> None:
    steps, results = painter.map_steps(), painter.results
    box = spec.get_position(fig)
    _head(fig, 0.5 * (box.x0 + box.x1), "Bond of the stem's surface, unrolled")
    if painter.unrolled is None or not steps:
        return
    chosen = evenly(steps, 1, 4)
    cells = spec.subgridspec(2, 2, wspace=0.1, hspace=0.2)
    scale = bond_scale()
    for k, step in enumerate(chosen):
        axes = fig.add_subplot(cells[k // 2, k % 2])
        painter.unrolled.draw(axes, face_field(results, step, "bond", 100.0), scale)
        axes.set_title(f"day {step.day:g}")
        names = [style.SHORT_NAMES[n] for n in style.angle_names(results.side)]
        names[-1] = names[-1] if k % 2 else ""
        axes.set_xticklabels(names if k // 2 == 1 or k + 2 >= len(chosen) else [])
        axes.tick_params(labelleft=k % 2 == 0)
        if k % 2 == 0:
            axes.set_ylabel("depth z (mm)")
    style.colour_bar(fig, (box.x1 + 0.006, box.y0, 0.007, box.height), scale, vertical=True)


def _readme_curves(fig: Figure, spec, results: Results) -> None:
    history = results.history
    cells = spec.subgridspec(3, 1, hspace=0.42)
    box = spec.get_position(fig)
    _head(fig, 0.5 * (box.x0 + box.x1) + 0.02, "Over the protocol's stages")
    if len(history.days) < 2:
        return
    stages = curves.bands(history)
    for k, (title, paint) in enumerate((("bond", curves.bond), ("micromotion in a load cycle", curves.micromotion),
                                        ("bone density by zone", lambda a, h: curves.by_zone(a, h, "density_change", 100.0, "change (%)")))):
        axes = fig.add_subplot(cells[k])
        paint(axes, history)
        curves.shade(axes, stages)
        axes.set_title(title, fontsize=9)
        axes.set_ylabel(("share (%)", "µm, log scale", "change (%)")[k])
        place = axes.get_position()
        axes.set_position([place.x0 + 0.03, place.y0, place.width - 0.03, place.height])
        axes.tick_params(labelbottom=k == 2)
        if k == 2:
            axes.set_xlabel("days since the implantation")
