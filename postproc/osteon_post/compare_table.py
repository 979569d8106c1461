"""The table of a comparison, for page and terminal, and the same figures by month for scripts."""
from __future__ import annotations

import csv
import io
import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from . import words
from .compare_words import at_support, when
from .compared import Arm, Comparison, DAYS_PER_MONTH, NEAR, fall_day
from .reader import Fall, NUM_ZONES
from .style import ZONE_NAMES
from .words import number, percent

MONTHS = (3, 6, 12, 24)
WIDTH = 96
_NAME, _LEAST = 34, 14


@dataclass(frozen=True)
class Cell:
    """A number as written and as computed."""

    text: str
    raw: float


@dataclass(frozen=True)
class Row:
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Group:
    title: str
    rows: tuple[Row, ...]


def _row(c: Comparison, name: str, of: Callable[[Arm], float], text: Callable[[float], str]) -> Row:
    values = [of(a) for a in c.arms]
    return Row(name, tuple(Cell(text(v), v) for v in values))


def _day(day: float) -> str:
    """On which something is there first."""
    if math.isinf(day):
        return "not reached"
    return words.NONE if math.isnan(day) else f"day {when(day)}"


def _motion(micrometres: float) -> str:
    text = number(micrometres)
    return text if text == words.NONE else f"{text} µm"


def _with(unit: str) -> Callable[[float], str]:
    return lambda v: number(v) if math.isnan(v) else f"{number(v)} {unit}"


def _signed(v: float) -> str:
    return percent(v, True)


def _reached(c: Comparison) -> Row:
    text = lambda a: when(a.reached) + (", cut off" if a.cut_off else "")  # noqa: E731
    return Row("day reached", tuple(Cell(text(a), a.reached) for a in c.arms))


def _rules(c: Comparison) -> Row:
    def text(arm: Arm) -> str:
        if not words.has_rules(arm.protocol):
            return "no rules"
        days = f"{when(max(0.0, arm.delay(c.day)))} days"
        back = (arm.decisions or {}).get("step back", 0)
        return days + (f", {back}\u00d7 back" if back else "")

    return Row("held up by rules", tuple(Cell(text(a), a.delay(c.day)) for a in c.arms))


def _protocol(c: Comparison) -> Group:
    weights = [a.body_weight for a in c.arms]
    half = f" ({number(0.5 * weights[0], 2)} N)" if len(set(weights)) == 1 else ""
    rows = [
        _reached(c),
        _row(
            c,
            "half the body weight" + half + " from",
            lambda a: a.first_day("load_axial", 0.5 * a.body_weight),
            _day,
        ),
        _row(
            c, "full body weight from", lambda a: a.first_day("load_axial", a.body_weight), _day
        ),
        _row(c, "largest axial load", lambda a: a.largest("load_axial", c.day)[0], _with("N")),
        _row(c, "largest axial load from", lambda a: a.largest("load_axial", c.day)[1], _day),
        _row(c, "most load cycles a day", lambda a: a.largest("cycles_per_day", c.day)[0], number),
        _row(c, "most load cycles from", lambda a: a.largest("cycles_per_day", c.day)[1], _day),
        _row(c, f"cycles up to day {when(c.day)}", lambda a: round(a.cycles(c.day)), number),
        _rules(c),
    ]
    return Group("protocol", tuple(rows))


def _state(c: Comparison) -> Group:
    """On the last day that all have reached."""
    share = lambda column: lambda a: a.at(column, c.day)  # noqa: E731
    rows = (
        _row(c, "bonded area", share("bonded_area_fraction"), percent),
        _row(c, "bond strength, of a grown bond", share("strength_mean"), percent),
        _row(c, "broken bond, of the area", share("debonded_area_fraction"), percent),
        _row(c, "fibrous area", share("area_fibrous"), percent),
        _row(
            c, "micromotion, 95 % of area below", lambda a: 1e3 * a.at("micromotion_p95", c.day),
            _motion,
        ),
        _row(c, "area above 40 µm", share("area_over_40um"), percent),
        _row(c, "area above 150 µm", share("area_over_150um"), percent),
        _row(
            c,
            "bone mass in the model",
            lambda a: a.at("bone_mass", c.day) / a.at("bone_mass", 0.0) - 1.0,
            _signed,
        ),
    )
    end = "the end" if c.to_the_end else "the last day that all have reached"
    return Group(f"day {when(c.day)}, {end}", rows)


def _worst(c: Comparison) -> Group:
    rows = (
        _row(
            c,
            "95 % of the area below",
            lambda a: 1e3 * a.largest("micromotion_p95", c.day)[0],
            _motion,
        ),
        _row(c, "worst on", lambda a: a.largest("micromotion_p95", c.day)[1], _day),
        _row(c, "days above 40 µm", lambda a: a.days_above("micromotion_p95", 0.04, c.day), number),
    )
    return Group(f"worst micromotion up to day {when(c.day)}", rows)


def _growth(c: Comparison) -> Group:
    rows = [
        _row(c, f"{label}, month {m}", lambda a: a.at(column, m * DAYS_PER_MONTH), percent)
        for label, column in (
            ("bonded area", "bonded_area_fraction"),
            ("strength", "strength_mean"),
        )
        for m in MONTHS
        if any(a.reached >= m * DAYS_PER_MONTH - NEAR for a in c.arms)
    ]
    return Group("growth of the bond", tuple(rows))


def _zones(c: Comparison) -> Group:
    rows = [
        _row(
            c,
            f"{z} {ZONE_NAMES[z - 1]}",
            lambda a, z=z: a.at(f"density_change_zone_{z}", c.day),
            _signed,
        )
        for z in range(1, NUM_ZONES + 1)
    ]
    return Group(f"change of bone density on day {when(c.day)}, by zone", tuple(rows))


def _falls(c: Comparison) -> Group:
    def cell(fall: Fall | None) -> Cell:
        if fall is None:
            return Cell(words.NONE, math.nan)
        return Cell(words.factor_words(fall), fall.factor)

    def yields(fall: Fall | None) -> Cell:
        raw = words.value(fall.values.get("stem_yield_factor")) if fall else math.nan
        return Cell(number(raw), raw)

    rows = []
    for name, day in c.falls:
        falls = [a.fall(name, day) for a in c.arms]
        rows.append(Row(f"{name}, day {when(day)}", tuple(map(cell, falls))))
        rows.append(Row("  it breaks", tuple(Cell(_place(f), math.nan) for f in falls)))
        rows.append(Row("  the stem yields at", tuple(map(yields, falls))))
    return Group("falls: load factor, above 1 the bone holds", tuple(rows))


def _place(fall: Fall | None) -> str:
    if fall is None:
        return words.NONE
    if at_support(fall):
        return "at the support"
    zone = words.value(fall.values.get("zone"))
    return f"zone {int(zone)}" if zone > 0 else "off the stem" if zone == 0 else words.NONE


def groups(c: Comparison) -> list[Group]:
    """Without what no run knows."""
    made = [_protocol(c), _state(c), _worst(c), _growth(c), _zones(c), _falls(c)]
    known = lambda row: any(cell.text != words.NONE for cell in row.cells)  # noqa: E731
    kept = [Group(g.title, tuple(r for r in g.rows if known(r))) for g in made]
    return [g for g in kept if g.rows]


# --- for the terminal -----------------------------------------------------------------------------


def _rule(title: str = "") -> str:
    return f"── {title} ".ljust(WIDTH, "─") if title else "─" * WIDTH


def _wrapped(text: str, first: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH - 2, initial_indent=first, subsequent_indent="  ", break_on_hyphens=False
    )


def _block(table: list[Group], names: list[str], width: int) -> list[str]:
    lines = [(" " * (_NAME + 2) + "".join(f"{n:>{width}}" for n in names)).rstrip()]
    for group in table:
        lines.append(_rule(group.title))
        for row in group.rows:
            cells = "".join(f"{c.text:>{width}}" for c in row.cells)
            lines.append(f"  {row.name:<{_NAME}}{cells}".rstrip())
    return lines


def terminal(c: Comparison, said: str) -> str:
    """As many protocols side by side as the width holds; the others below."""
    table = groups(c)
    texts = [cell.text for g in table for r in g.rows for cell in r.cells]
    longest = max(map(len, [*c.names, *texts]))
    width = max(_LEAST, longest + 2)
    beside = max(1, (WIDTH - _NAME - 2) // width)
    lines = [_rule("OSTEON, protocols compared")]
    lines += [f"  {c.arms[0].attributes.get('title') or ''}".rstrip()]
    for warning in c.warnings:
        lines += _wrapped(warning, "! ")
    for first in range(0, len(c.arms), beside):
        part = slice(first, first + beside)
        cut = [Group(g.title, tuple(Row(r.name, r.cells[part]) for r in g.rows)) for g in table]
        lines += _block(cut, c.names[part], width)
    lines += [_rule("in words"), *_wrapped(said, "  "), _rule()]
    return "\n".join(line for line in lines if line)


# --- for scripts ----------------------------------------------------------------------------------

_COLUMNS = (
    ("load_axial", "N"),
    ("cycles_per_day", "1/day"),
    ("bonded_area_fraction", "-"),
    ("strength_mean", "-"),
    ("micromotion_p95", "mm"),
    ("area_over_40um", "-"),
    ("area_over_150um", "-"),
    ("area_fibrous", "-"),
    *((f"density_change_zone_{z}", "-") for z in range(1, NUM_ZONES + 1)),
    ("bone_mass", "g"),
)


def _csv_days(c: Comparison, arm: Arm) -> list[float]:
    """Whole months, and the day on which the run ended."""
    days = c.months(arm)
    return days if arm.reached - days[-1] < NEAR else [*days, arm.reached]


def _csv_fall(arm: Arm, name: str, after: float, day: float) -> list[object]:
    """The last of this kind since the row before: factors of bone and stem, day, whether the bone
    was only seen to hold at its factor."""
    last = [f for f in arm.falls if f.name == name and after + NEAR < fall_day(f) <= day + NEAR]
    if not last:
        return ["", "", "", ""]
    fall = last[-1]
    stem = _plain(words.value(fall.values.get("stem_yield_factor")))
    return [_plain(fall.factor), stem, _plain(fall_day(fall)), int(fall.at_least)]


def _plain(value: float) -> str:
    return f"{value:.10g}" if math.isfinite(value) else ""


def as_csv(c: Comparison) -> str:
    """One row a protocol and month; empty where a run does not tell."""
    falls = list(dict.fromkeys(name for name, _ in c.falls))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = ["protocol", "month [month]", "day [day]", "protocol_day_delay [day]"]
    head += [f"{name} [{unit}]" for name, unit in _COLUMNS]
    for name in falls:
        head += [f"fall_{name}_factor [-]", f"fall_{name}_stem_yield_factor [-]"]
        head += [f"fall_{name}_day [day]", f"fall_{name}_at_least [-]"]
    writer.writerow(head)
    for arm in c.arms:
        before = -1.0
        for day in _csv_days(c, arm):
            row: list[object] = [arm.name, _plain(round(day / DAYS_PER_MONTH, 6)), _plain(day)]
            row += [_plain(arm.delay(day)), *(_plain(arm.at(n, day)) for n, _ in _COLUMNS)]
            for name in falls:
                row += _csv_fall(arm, name, before, day)
            writer.writerow(row)
            before = day
    return out.getvalue()
