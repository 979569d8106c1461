"""What state the interface was in over the days, and what happened when, from the run's log.

Owns the order, colours and words of the states, and how the entries of the log become sentences:
entries of one kind that follow each other closely are one event, whose share is the area of its
points, each counted once.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import style
from .curves import bands, shade
from .reader import History, Interface, NUM_ZONES, Results, Transitions


@dataclass(frozen=True)
class State:
    """A state of the interface as pictures and tables have it."""

    name: str
    words: str
    colour: str


# From the bottom of a picture up: what holds, what only touches, what is lost.
STATES = (
    State("bonded", "bond grown", style.BLUE),
    State("stick", "held by friction", "#9fc6e3"),
    State("slip", "sliding", style.ORANGE),
    State("open", "open", "#e3e6ea"),
    State("debonded", "bond broken", style.VERMILION),
    State("fibrous", "fibrous tissue", "#7b4a86"),
)
COLOURS = {s.name: s.colour for s in STATES}

# Cause in the log, the state whose colour it takes, what happened to so much of the area.
EVENTS = {
    "grew": ("bonded", "began to bond"),
    "healed": ("bonded", "healed after a break"),
    "matured": ("bonded", "turned from fibrous tissue to bone"),
    "broke_tension": ("debonded", "broke loose in tension"),
    "broke_shear": ("debonded", "broke loose in shear"),
    "resorbed": ("open", "lost its bond without a break"),
    "fibrous_motion": ("fibrous", "turned fibrous under micromotion"),
    "fibrous_gap": ("fibrous", "turned fibrous across a gap"),
    "unexplained": ("open", "changed for a reason that is not known"),
    "slid": ("slip", "began to slide under load"),
    "held": ("stick", "no longer slides"),
    "pressed": ("stick", "came into contact"),
    "lifted": ("open", "lifted off under load"),
    "to and fro": ("slip", "changed to and fro between holding, sliding and open"),
}
CONTACT = ("pressed", "lifted", "slid", "held")
LOSSES = ("broke_tension", "broke_shear", "resorbed", "fibrous_motion", "fibrous_gap")
SMALLEST, SMALLEST_CONTACT = 0.005, 0.03  # share of an area that is worth a sentence
PAUSE_DAYS, PAUSE_SHARE = 14.0, 0.06  # without an entry, of the run: another event


# Areas
def shares_over(
    log: Transitions, area: np.ndarray, faces: np.ndarray, days: np.ndarray
) -> np.ndarray:
    """Share of the area of some faces [F, bool] in each state, on some days [states, days]."""
    width = len(log.states)
    here = faces[log.face]
    weight = area[log.face, log.point][here]
    at = np.searchsorted(days, log.day[here])
    change = np.zeros((width, len(days) + 1))
    np.add.at(change, (log.after[here], at), weight)
    np.add.at(change, (log.before[here], at), -weight)
    start = np.bincount(log.start[faces].ravel(), area[faces].ravel(), width)
    shares = (start[:, None] + np.cumsum(change, axis=1)[:, :-1]) / start.sum()
    return np.clip(shares, 0.0, 1.0)  # what is left of a sum of differences may be -1e-17


def _ordered(log: Transitions, shares: np.ndarray) -> list[np.ndarray]:
    return [shares[log.states.index(s.name)] for s in STATES]


# Events
@dataclass(frozen=True)
class Event:
    """So much of an area went the same way between two days; zones that had most of it."""

    kind: str
    start: float
    stop: float
    share: float
    zones: tuple[int, ...]

    @property
    def colour(self) -> str:
        return COLOURS[EVENTS[self.kind][0]]

    @property
    def days(self) -> str:
        first, last = f"{self.start:.0f}", f"{self.stop:.0f}"
        return f"day {first}" if first == last else f"day {first}–{last}"

    @property
    def sentence(self) -> str:
        return f"{rough(self.share)} {EVENTS[self.kind][1]}"

    @property
    def place(self) -> str:
        """Zones in words, empty where it went all along the stem."""
        if not 0 < len(self.zones) <= 4:
            return ""
        return ("zone " if len(self.zones) == 1 else "zones ") + ", ".join(map(str, self.zones))


def rough(share: float) -> str:
    """A share as one says it: 31 %, 2 %, 0.7 %."""
    return f"{100 * share:.{0 if share >= 0.00995 else 1}f}\u202f%"


def _kinds(log: Transitions, chosen: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Entries by kind; those of contact and friction together, since they follow each other."""
    cause = np.array(log.causes)[log.cause[chosen]]
    for kind in EVENTS:
        if kind not in CONTACT:
            yield kind, chosen[cause == kind]
    yield "contact", chosen[np.isin(cause, CONTACT)]


def _bursts(log: Transitions, entries: np.ndarray, pause: float) -> list[np.ndarray]:
    if len(entries) == 0:
        return []
    return np.split(entries, np.flatnonzero(np.diff(log.day[entries]) > pause) + 1)


def _contact_kind(log: Transitions, first: int, last: int) -> str:
    """What a burst of changes of contact and friction came to at one point."""
    before, after = log.states[log.before[first]], log.states[log.after[last]]
    if before == after:
        return "to and fro"
    if after == "stick":
        return "pressed" if before == "open" else "held"
    return "slid" if after == "slip" else "lifted"


def _by_point(log: Transitions, kind: str, burst: np.ndarray) -> dict[str, np.ndarray]:
    """Last entry of each point of a burst, by what it came to."""
    point = log.face[burst] * log.start.shape[1] + log.point[burst]
    _, first = np.unique(point, return_index=True)
    _, last = np.unique(point[::-1], return_index=True)
    pairs = zip(burst[first], burst[::-1][last])
    if kind != "contact":
        return {kind: np.array([e for _, e in pairs])}
    found: dict[str, list[int]] = {}
    for one, other in pairs:
        found.setdefault(_contact_kind(log, one, other), []).append(other)
    return {name: np.array(entries) for name, entries in found.items()}


def _window(days: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Days between which nine tenths of it happened."""
    order = np.argsort(days, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    at = np.searchsorted(share, (0.05, 0.95))
    first, last = days[order][np.minimum(at, len(days) - 1)]
    return float(first), float(last)


def events(results: Results, faces: np.ndarray) -> list[Event]:
    """What happened to some faces [F, bool], in the order of the days."""
    log, interface = results.transitions, results.interface
    if log is None or interface is None or not faces.any():
        return []
    total = float(interface.area[faces].sum())
    run = float(results.history.days.max()) if len(results.history.days) else 0.0
    pause = max(PAUSE_DAYS, PAUSE_SHARE * run)
    found = []
    for kind, entries in _kinds(log, np.flatnonzero(faces[log.face])):
        smallest = (SMALLEST_CONTACT if kind == "contact" else SMALLEST) * total
        for burst in _bursts(log, entries, pause):
            for name, last in _by_point(log, kind, burst).items():
                weight = interface.area[log.face[last], log.point[last]]
                if weight.sum() < smallest:
                    continue
                event = Event(
                    name,
                    *_window(log.day[last], weight),
                    float(weight.sum()) / total,
                    _zones(interface.zone[log.face[last]], weight),
                )
                found.append((event.start, int(burst[0]), event))
    return [e for _, _, e in sorted(found, key=lambda f: f[:2])]


def _zones(zone: np.ndarray, weight: np.ndarray) -> tuple[int, ...]:
    """Zones with a tenth of it or more."""
    sums = np.bincount(zone, weight, NUM_ZONES + 1)
    return tuple(z for z in range(1, NUM_ZONES + 1) if sums[z] >= 0.1 * weight.sum())


def losses(results: Results) -> list[str]:
    """The largest losses of bond, as sentences of the whole stem."""
    if results.interface is None:
        return []
    every = np.ones(len(results.interface.zone), dtype=bool)
    lost = sorted((e for e in events(results, every) if e.kind in LOSSES), key=lambda e: -e.share)
    return [
        f"{e.days[0].upper()}{e.days[1:]}: {e.sentence.replace(' ', ' of the surface ', 1)}"
        + (f", {e.place}." if e.place else ".")
        for e in sorted(lost[:3], key=lambda e: e.start)
    ]


# Table
@dataclass(frozen=True)
class Bar:
    """Shares of an area as coloured pieces: left edge and width in percent, colour, words."""

    pieces: tuple[tuple[float, float, str, str], ...]

    @property
    def words(self) -> str:
        """The two largest shares."""
        largest = sorted(self.pieces, key=lambda p: -p[1])[:2]
        return ", ".join(f"{rough(p[1] / 100)} {p[3]}" for p in largest if p[1] >= 1.0)


@dataclass(frozen=True)
class Course:
    """What happened to a part of the stem: a row of the table."""

    name: str
    zone: int
    start: Bar
    end: Bar
    events: list[Event]


def _bar(log: Transitions, shares: np.ndarray) -> Bar:
    widths = [100.0 * float(v) for v in _ordered(log, shares)]
    edges = np.concatenate([[0.0], np.cumsum(widths)])
    return Bar(
        tuple(
            (float(x), w, s.colour, s.words) for x, w, s in zip(edges, widths, STATES) if w > 1e-6
        )
    )


def _parts(interface: Interface) -> Iterator[tuple[str, int, np.ndarray]]:
    coated = interface.coated > 0
    if coated.any():
        yield "coated surface", 0, coated
    if not coated.all():
        yield "smooth surface", 0, ~coated
    for zone in range(1, NUM_ZONES + 1):
        faces = interface.zone == zone
        if faces.any():
            yield style.ZONE_NAMES[zone - 1], zone, faces


def courses(results: Results) -> list[Course]:
    """A row for the coated surface, the smooth one, and each zone; none without a log."""
    log, interface = results.transitions, results.interface
    if log is None or interface is None:
        return []
    rows = []
    for name, zone, faces in _parts(interface):
        shares = shares_over(log, interface.area, faces, np.array([-1.0, np.inf]))
        bars = [_bar(log, shares[:, k]) for k in (0, 1)]
        rows.append(Course(name, zone, *bars, events(results, faces)))
    return rows


# Picture
BOND_LINE = "bonded_area_fraction"


def _stack(axes: Axes, history: History, layers: list[np.ndarray], lines: float) -> None:
    axes.stackplot(
        history.days,
        [100.0 * v for v in layers],
        colors=[s.colour for s in STATES],
        edgecolor="white",
        linewidth=lines,
    )
    axes.set(
        xlim=(history.days.min(), max(history.days.max(), history.days.min() + 1e-6)), ylim=(0, 100)
    )
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)


def _whole(results: Results) -> list[np.ndarray] | None:
    names = [f"area_{s.name}" for s in STATES]
    history = results.history
    return [history[n] for n in names] if all(n in history for n in names) else None


def _room(days: np.ndarray, floor: np.ndarray, top: np.ndarray) -> tuple[float, float, float]:
    """Day and height (%) in the middle of the tallest box between two curves that is wide enough
    for words, and its height."""
    fine = np.linspace(days.min(), days.max(), 201)
    low, high = (np.interp(fine, days, v) for v in (floor, top))
    wide = 20  # of 200 intervals
    boxes = [
        (low[k : k + wide + 1].max(), high[k : k + wide + 1].min(), fine[k + wide // 2])
        for k in range(2, 201 - wide)
    ]
    middle = 0.5 * (days.min() + days.max())
    bottom, ceiling, day = max(boxes, key=lambda b: (round(b[1] - b[0], 2), -abs(b[2] - middle)))
    return day, 50.0 * (bottom + ceiling), 100.0 * (ceiling - bottom)


def _name_layers(axes: Axes, history: History, layers: list[np.ndarray]) -> None:
    """Words inside a layer where they fit, clear of the line of the bond; all in the key."""
    floor = np.zeros(len(history.days))
    handles = []
    for state, layer in zip(STATES, layers):
        handles.append(plt.Rectangle((0, 0), 1, 1, color=state.colour, label=state.words))
        edges = [floor, floor + layer]
        if state.name == "bonded" and BOND_LINE in history:
            edges.insert(1, np.minimum(history[BOND_LINE], layer))
        day, height, room = max(
            (_room(history.days, a, b) for a, b in zip(edges, edges[1:])), key=lambda r: r[2]
        )
        if room > 9.0:
            axes.text(
                day,
                height,
                state.words,
                ha="center",
                va="center",
                fontsize=8.5,
                color="white" if state.name in ("bonded", "debonded", "fibrous") else style.INK,
            )
        floor = floor + layer
    axes.legend(
        handles=handles[::-1],
        loc="upper left",
        bbox_to_anchor=(1.005, 1.0),
        fontsize=8,
        handlelength=1.1,
        labelspacing=0.55,
    )


def _mark_bond(axes: Axes, history: History) -> None:
    """How much of the area of the bonded points carries bond: far less than they cover at first."""
    if BOND_LINE not in history:
        return
    bond = 100.0 * history[BOND_LINE]
    axes.plot(history.days, bond, color="white", lw=1.3, ls=(0, (5, 2)))
    at = int(np.searchsorted(history.days, history.days.min() + 0.97 * np.ptp(history.days)))
    if bond[at] > 8.0:
        axes.annotate(
            "share that carries bond",
            (history.days[at], bond[at]),
            (0, -8),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=7.5,
            color="white",
        )


def states_figure(results: Results) -> Figure | None:
    """Area by state over the days, of the whole stem and, with a log, of each zone."""
    layers, history = _whole(results), results.history
    if layers is None or len(history.days) < 2:
        return None
    log, interface = results.transitions, results.interface
    zones = [p for p in _parts(interface) if p[1]] if log is not None and interface else []
    fig = plt.figure(figsize=(12.6, 5.35 if zones else 3.1))
    stages = bands(history)
    axes = fig.add_axes((0.055, 0.53, 0.805, 0.4) if zones else (0.055, 0.17, 0.805, 0.7))
    _stack(axes, history, layers, 0.5)
    _mark_bond(axes, history)
    _name_layers(axes, history, layers)
    shade(axes, stages, numbers=True)
    for band in stages[1:]:
        axes.axvline(band.start, color="white", lw=0.9, ls=(0, (4, 3)), alpha=0.9)
    axes.set_title("Whole stem", loc="left", fontsize=9, fontweight="bold", pad=13)
    axes.set(xlabel="days since the implantation", ylabel="of the interface (%)")
    width, gap = 0.119, 0.0145
    for k, (name, zone, faces) in enumerate(zones):
        small = fig.add_axes((0.055 + k * (width + gap), 0.1, width, 0.24))
        shares = shares_over(log, interface.area, faces, history.days)
        _stack(small, history, _ordered(log, shares), 0.25)
        small.set_title(f"{zone}", loc="left", fontsize=9, fontweight="bold", pad=4,
                        color=style.ZONE_COLOURS[zone - 1])
        small.set_title(f"{name}", loc="right", fontsize=7, pad=4.5)
        small.tick_params(labelleft=k == 0)
        small.locator_params(axis="x", nbins=3)
        if k == 0:
            small.set_ylabel("of the zone (%)")
        if k == len(zones) // 2:
            small.set_xlabel("days since the implantation")
    return fig
