"""Numbers and sentences: how a value is written, and what the results say in plain words.

Every number here was computed by the solver; this module only picks, rounds and names.
"""
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .reader import Decision, Fall, NUM_ZONES, Results
from .states import losses
from .style import ZONE_NAMES

NONE = "–"


def number(value: Any, digits: int = 3) -> str:
    """Rounded to significant digits, thousands apart, "–" for what is not known."""
    try:
        v = float(value)
    except (TypeError, ValueError):
        return NONE
    if math.isinf(v):
        return "∞" if v > 0 else "\u2212∞"
    if math.isnan(v):
        return NONE
    if v == 0:
        return "0"
    if v == int(v) and abs(v) < 1e15:
        return f"{int(v):,}".replace(",", "\u202f")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(v))))
    if decimals > 6:
        return f"{v:.{digits - 1}e}"
    return f"{v:,.{decimals}f}".replace(",", "\u202f").replace("-", "\u2212")


def fixed(item: Any, decimals: int) -> str:
    """A place or angle: always so many decimals."""
    v = value(item)
    return f"{v:.{decimals}f}".replace("-", "\u2212") if math.isfinite(v) else NONE


def percent(value: Any, signed: bool = False) -> str:
    try:
        v = 100.0 * float(value)
    except (TypeError, ValueError):
        return NONE
    if not math.isfinite(v):
        return NONE
    text = f"{v:+.1f}" if signed else f"{v:.1f}"
    return ("0.0" if float(text) == 0 else text).replace("-", "\u2212") + "\u202f%"


def value(item: Any) -> float:
    try:
        return float(item)
    except (TypeError, ValueError):
        return math.nan


@dataclass(frozen=True)
class ZoneRow:
    """The end state of one zone of the stem."""

    number: int
    name: str
    density_change: float
    bond: float
    strength: float
    micromotion_um: float


def zone_rows(results: Results) -> list[ZoneRow]:
    final, history = results.final, results.history
    pick = lambda key, z: value((final.get(key) or [None] * NUM_ZONES)[z - 1])  # noqa: E731
    return [
        ZoneRow(
            z,
            ZONE_NAMES[z - 1],
            pick("density_change_zone", z),
            pick("bond_zone", z),
            history.last(f"strength_zone_{z}"),
            1000.0 * history.last(f"micromotion_zone_{z}"),
        )
        for z in range(1, NUM_ZONES + 1)
    ]


@dataclass(frozen=True)
class EndRow:
    """One number of the end state: its name, as written, as computed, and what it is a part of."""

    name: str
    text: str
    raw: float
    remark: str


def at_rest(final: dict[str, Any]) -> bool:
    """No load cycle on the last day: under any load the stem moves, if only by nanometres."""
    return value(final.get("micromotion_p95_um")) == 0.0


def end_rows(final: dict[str, Any]) -> list[EndRow]:
    """What the whole stem came to, for the page and the terminal."""
    grown, p95, over40, over150 = (
        value(final.get(k))
        for k in ("strength_mean", "micromotion_p95_um", "area_over_40um", "area_over_150um")
    )
    bonded = value(final.get("bonded_area_fraction"))
    motion = f"{number(p95)} µm" if math.isfinite(p95) else NONE
    cycle = "at rest, no load cycle" if at_rest(final) else "in a load cycle"
    return [
        EndRow("bonded area", percent(bonded), bonded, "of the stem's surface in bone"),
        EndRow("bond strength, mean", percent(grown), grown, "of a fully grown bond"),
        EndRow("micromotion, 95 % of the area below", motion, p95, cycle),
        EndRow("area that moves more than 40 µm", percent(over40), over40, "bond grows poorly"),
        EndRow(
            "area that moves more than 150 µm",
            percent(over150),
            over150,
            "fibrous tissue instead of bone",
        ),
    ]


def density_law(results: Results) -> str:
    """The law, the range it was measured in, and how much bone lies outside it at the end."""
    stated = results.summary.get("material") or {}
    known, found = stated.get("known_g_cm3"), stated.get("found_g_cm3")
    name = str(stated.get("density_law") or "")
    if not name or not known or not found or value(known[1]) != value(known[1]):
        return name
    outside = value(stated.get("volume_below")) + value(stated.get("volume_above"))
    text = f"{name}, known from {number(known[0])} to {number(known[1])} g/cm³"
    if not outside > 0:
        return text
    return (f"{text}; extrapolated on {percent(outside)} of the bone's volume, which is of "
            f"{number(found[0])} to {number(found[1])} g/cm³")


LIMBS = {
    "filled": "the limb with the stem's volume as cortical bone",
    "intact": "the limb without a stem, under the section forces at the cut",
}


def remodelling(results: Results) -> str:
    """The law, what it compares the stimulus with, and over which length that is smoothed."""
    stated = results.summary.get("remodelling") or {}
    law, limb = str(stated.get("law") or ""), str(stated.get("reference_limb") or "")
    if law in ("", "off"):
        return law
    text = f"{law}, against " + (LIMBS.get(limb) or "one number for all bone")
    length = value(stated.get("smoothing_mm"))
    return f"{text}; smoothed over {number(length)} mm" if length > 0 else text


def zone_words(zone: Any) -> str:
    v = value(zone)
    return f"zone {int(v)}" if v > 0 else "outside the zones" if v == 0 else "zone unknown"


def factor_words(fall: Fall) -> str:
    return ("≥\u202f" if fall.at_least else "") + number(fall.factor)


def fall_verdict(fall: Fall) -> str:
    if math.isnan(fall.factor):
        return "not computed"
    if fall.holds:
        return "bone holds"
    if not fall.reached:
        return "stem slips"
    return "not known" if fall.at_least else "bone breaks"


def _share(factor: float) -> str:
    """A multiple of a fall's load."""
    if factor > 1.0:
        return f"{number(factor)} times this fall's load"
    return f"{percent(factor)} of this fall's load"


def _outcome(fall: Fall) -> str:
    load = _share(fall.factor)
    if not fall.reached:
        return f"the bone holds up to {load}, beyond which the interface gives way"
    if fall.at_least:
        return f"the bone holds at {load}; where it breaks was not found"
    if fall.holds:
        return f"the bone carries {load} before it breaks"
    return f"the bone breaks at {load}"


def fall_sentence(fall: Fall) -> str:
    v = fall.values
    where = f", {v['place']}" if v.get("place") else ""
    first = (
        f"; the stem yields first, at {_share(value(v['stem_yield_factor']))}"
        if fall.stem_first
        else ""
    )
    return (
        f"Fall “{fall.name}” on day {number(v.get('day'))}: {_outcome(fall)}"
        f" ({v.get('mode', 'mode unknown')}{where}, {zone_words(v.get('zone'))}){first}."
    )


def findings(results: Results) -> list[str]:
    """The end of the run in sentences."""
    f, lines = results.final, []
    day = number(f.get("day"))
    if math.isfinite(value(f.get("bonded_area_fraction"))):
        lines.append(
            f"Day {day}: {percent(f['bonded_area_fraction'])} of the stem's surface in bone is"
            f" bonded; the mean strength of the bond is {percent(f.get('strength_mean'))} of a"
            " fully grown one."
        )
    if at_rest(f):
        lines.append(f"On day {day} the limb is at rest: no load cycle, no micromotion.")
    elif math.isfinite(value(f.get("micromotion_p95_um"))):
        lines.append(
            f"95\u202f% of that surface moves less than {number(f['micromotion_p95_um'])} µm in a"
            f" load cycle; {percent(f.get('area_over_40um'))} moves more than 40 µm (bond grows"
            f" poorly), {percent(f.get('area_over_150um'))} more than 150 µm (fibrous tissue"
            " instead of bone)."
        )
    lines += losses(results)
    zones = [z for z in zone_rows(results) if math.isfinite(z.density_change)]
    if zones:
        zones.sort(key=lambda z: z.density_change)
        least, most = zones[0], zones[-1]
        lines.append(
            "Bone density beside the stem since the start: from"
            f" {percent(least.density_change, True)} in zone {least.number} ({least.name}) to"
            f" {percent(most.density_change, True)} in zone {most.number} ({most.name})."
        )
    lines += [fall_sentence(f) for f in results.worst_falls]
    return lines


# --- what the protocol's rules did ----------------------------------------------------------------

_DID = {
    "hold": "held: loads stay as they are",
    "release": "let go on",
    "step back": "stepped back",
    "wait": "waits at the end of the stage",
    "go on": "goes on: what it waited for is there",
    "at the latest": "goes on, though what it waited for is not there",
}


@dataclass(frozen=True)
class DecisionRow:
    """One decision in words."""

    day: float
    stage: str
    what: str
    why: str
    protocol_day: float


def _sign_words(decision: Decision) -> str:
    """What was looked at, with its unit: shares of the interface or micromotion (mm)."""
    if decision.sign.startswith("micromotion"):
        return f"{decision.sign} was {number(1000.0 * decision.value)} µm"
    return f"{decision.sign} was {percent(decision.value)}"


def decision_rows(results: Results) -> list[DecisionRow]:
    rows = []
    for d in results.decisions or []:
        what = _DID.get(d.did, d.did)
        back = d.protocol_day_before - d.protocol_day
        if d.did == "step back":
            what += f" by {number(back)} days"
        why = f"{d.rule}: {_sign_words(d)}" if d.rule else _sign_words(d)
        rows.append(DecisionRow(d.day, d.stage, what, why, d.protocol_day))
    return rows


def has_rules(protocol: dict[str, Any]) -> bool:
    stages = protocol.get("stages") or []
    return bool(protocol.get("rules")) or any(
        s.get("rules") or "go_on_when" in s for s in stages if isinstance(s, dict)
    )


def delay_sentence(results: Results) -> str:
    """By how much the rules held the protocol up; empty where it has none."""
    delay = results.history.delay
    if not results.decisions and not delay > 0.0 and not has_rules(results.attached("protocol")):
        return ""
    if not delay > 0.0:
        return "The rules never held the protocol up: its days are those of the treatment."
    h = results.history
    return (
        f"On day {number(h.last('day'))} the protocol stands on its day"
        f" {number(h.last('protocol_day'))}: {number(delay)} days behind its plan."
    )
