"""What a comparison of protocols comes to in plain words, and what that rests on."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from . import words
from .compared import Arm, Comparison, quantity
from .reader import Fall, NUM_ZONES
from .style import ZONE_NAMES
from .words import number, percent

# Below these a difference is called none [assumption]: shares of the interface and of a grown bond
# and changes of density absolutely, fall factors relatively.
TOLD_BONDED, TOLD_STRENGTH, TOLD_DENSITY, TOLD_FALL = 0.02, 0.05, 0.03, 0.05
TOLD_DAYS = 7.0
_FIBROUS = 0.01

Pairs = list[tuple[str, float]]  # name of a protocol, value


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def when(day: float) -> str:
    """A day, or a number of days, without its hours."""
    return number(round(day)) if math.isfinite(day) else words.NONE


def _points(difference: float) -> str:
    return f"{number(100.0 * difference, 2)} points"


def _pairs(c: Comparison, of: Callable[[Arm], float]) -> Pairs:
    """Largest first; who does not tell is left out."""
    known = [(a.name, of(a)) for a in c.arms]
    return sorted([p for p in known if math.isfinite(p[1])], key=lambda p: -p[1])


def _spread(pairs: Pairs) -> float:
    return pairs[0][1] - pairs[-1][1] if len(pairs) > 1 else math.nan


def _ranking(what: str, pairs: Pairs, limit: float, text: Callable[[float], str]) -> str:
    """Who has most, who cannot be told from that, and by how much the others have less."""
    if not _spread(pairs) >= limit:
        low, high = text(pairs[-1][1]), text(pairs[0][1])
        span = f"{low} with all" if low == high else f"{low} to {high}"
        return f"{what}: no difference that the model can tell ({span})."
    best = pairs[0][1]
    alike = [n for n, v in pairs[1:] if best - v < limit]
    less = [f"{n} {_points(best - v)} less ({text(v)})" for n, v in pairs if best - v >= limit]
    beside = f"; {_listed(alike)} cannot be told from it" if alike else ""
    return f"{what}: most with {pairs[0][0]}, {text(best)}{beside}; {_listed(less)}."


def bonded(c: Comparison) -> Pairs:
    return _pairs(c, lambda a: a.at("bonded_area_fraction", c.day))


def strength(c: Comparison) -> Pairs:
    return _pairs(c, lambda a: a.at("strength_mean", c.day))


def zone(c: Comparison, z: int) -> Pairs:
    return _pairs(c, lambda a: a.at(f"density_change_zone_{z}", c.day))


def widest_zone(c: Comparison) -> int:
    """The one in which bone differs most; 0 where none is known."""
    known = {z: _spread(zone(c, z)) for z in range(1, NUM_ZONES + 1)}
    known = {z: s for z, s in known.items() if math.isfinite(s)}
    return max(known, key=lambda z: known[z]) if known else 0


def _bone(c: Comparison) -> str:
    z = widest_zone(c)
    if not z:
        return ""
    pairs, signed = zone(c, z), lambda v: percent(v, True)  # noqa: E731
    where = f"zone {z} ({ZONE_NAMES[z - 1]})"
    if _spread(pairs) < TOLD_DENSITY:
        return (
            "Bone density beside the stem: no difference that the model can tell; the largest is"
            f" {_points(_spread(pairs))}, in {where}."
        )
    others = [
        n for n in range(1, NUM_ZONES + 1) if n != z and _spread(zone(c, n)) >= TOLD_DENSITY
    ]
    also = f" Zones {_listed([str(n) for n in others])} differ too." if others else ""
    also = also.replace("Zones", "Zone").replace("differ", "differs") if len(others) == 1 else also
    values = ", ".join(f"{signed(v)} with {n}" for n, v in pairs)
    return f"Bone density beside the stem differs most in {where}: {values}.{also}"


# --- falls ----------------------------------------------------------------------------------------


def bears(fall: Fall) -> float:
    """Load factor at which bone or stem gives way, whichever comes first."""
    yields = words.value(fall.values.get("stem_yield_factor"))
    return min(fall.factor, yields) if math.isfinite(yields) else fall.factor


def at_support(fall: Fall) -> bool:
    """The bone breaks beside the surface that is held, as the solver says of the place."""
    return "the support decides" in str(fall.values.get("place", ""))


def _fall_pairs(c: Comparison, name: str, day: float) -> Pairs:
    """A load that was only seen to be borne counts where it is the largest."""
    found = [(a.name, a.fall(name, day)) for a in c.arms]
    known = sorted(((n, f) for n, f in found if f is not None), key=lambda p: -bears(p[1]))
    bound = lambda f: f.at_least and not f.stem_first  # noqa: E731
    return [(n, bears(f)) for i, (n, f) in enumerate(known) if i == 0 or not bound(f)]


def _falls_of_all(c: Comparison) -> list[tuple[str, float]]:
    """Up to the last day that all have reached."""
    return [(name, day) for name, day in c.falls if day <= c.day + 0.5]


def unlike_falls(c: Comparison) -> list[tuple[str, float, Pairs]]:
    """Where what is borne differs by more than the model can tell, the latest first."""
    found = [(name, day, _fall_pairs(c, name, day)) for name, day in _falls_of_all(c)]
    return [
        (name, day, pairs)
        for name, day, pairs in reversed(found)
        if len(pairs) > 1 and _spread(pairs) >= TOLD_FALL * pairs[-1][1]
    ]


def _of_fall(c: Comparison, name: str, day: float) -> list[tuple[str, Fall]]:
    found = [(a.name, a.fall(name, day)) for a in c.arms]
    return [(n, f) for n, f in found if f is not None]


def _how(c: Comparison, name: str, day: float) -> str:
    """What gives way first, and whether the support has a say."""
    falls = _of_fall(c, name, day)
    factors = ", ".join(f"{words.factor_words(f)} ({n})" for n, f in falls)
    first = [n for n, f in falls if f.stem_first]
    text = f"the bone breaks at load factors {factors}"
    if first:
        yields = ", ".join(number(f.values["stem_yield_factor"]) for n, f in falls if n in first)
        text += f", the stem yields before it at {yields} ({_listed(first)})"
    if any(at_support(f) for _, f in falls):
        text += "; it breaks beside the surface that is held, so that the support decides"
    return text


def _falls(c: Comparison) -> list[str]:
    shared = [f for f in _falls_of_all(c) if len(_fall_pairs(c, *f)) > 1]
    unlike = unlike_falls(c)
    lines = []
    for name, day, pairs in unlike:
        best, least = pairs[0], pairs[-1]
        more = number(100.0 * (best[1] / least[1] - 1.0), 2)
        lines.append(
            f"Fall “{name}” on day {when(day)}: most is borne with {best[0]}, {more}\u202f% more"
            f" than with {least[0]}; {_how(c, name, day)}."
        )
    for name, day in shared:
        if (name, day) not in [(n, d) for n, d, _ in unlike]:
            lines.append(
                f"Fall “{name}” on day {when(day)}: no difference in what is borne that the model"
                f" can tell; {_how(c, name, day)}."
            )
    return lines


# --- loads ----------------------------------------------------------------------------------------


def _half(c: Comparison) -> Pairs:
    """First day with half the body weight, the earliest first; those that never come to it left
    out."""
    return _pairs(c, lambda a: a.first_day("load_axial", 0.5 * a.body_weight))[::-1]


def _loads(c: Comparison) -> list[str]:
    days = _half(c)
    never = [a.name for a in c.arms if a.name not in [n for n, _ in days]]
    lines = []
    if days:
        later = [
            f"{n} on day {when(d)}"
            + (f" ({when(d - days[0][1])} days later)" if d - days[0][1] >= TOLD_DAYS else "")
            for n, d in days[1:]
        ]
        follow = f", {_listed(later)}" if later else ""
        lines.append(
            f"The stem first carries half the body weight with {days[0][0]}, on day"
            f" {when(days[0][1])}{follow}"
            + (f"; {_listed(never)} does not come to it." if never else ".")
        )
    cycles = sorted(((a.cycles(c.day), a.name) for a in c.arms), reverse=True)
    if all(math.isfinite(v) for v, _ in cycles):
        told = ", ".join(f"{number(round(v))} ({n})" for v, n in cycles)
        lines.append(f"Load cycles up to day {when(c.day)}: {told}.")
    return lines


def _motion(c: Comparison) -> str:
    worst = sorted(
        ((1e3 * a.largest("micromotion_p95", c.day)[0], a) for a in c.arms), key=lambda p: -p[0]
    )
    if not math.isfinite(worst[0][0]):
        return ""
    told = ", ".join(
        f"{number(v)} µm with {a.name} (day {when(a.largest('micromotion_p95', c.day)[1])})"
        if v > 0.0 else f"none with {a.name}"
        for v, a in worst
    )
    full = 1e3 * limits(c)[0]
    above = [a.name for v, a in worst if v > full]
    verdict = (
        f"above the {number(full)} µm up to which bond grows freely with {_listed(above)}"
        if above
        else f"below the {number(full)} µm up to which bond grows freely, with all"
    )
    return f"Worst micromotion (95\u202f% of the area below): {told}; {verdict}."


def _fibrous(c: Comparison) -> str:
    pairs = [p for p in _pairs(c, lambda a: a.at("area_fibrous", c.day)) if p[1] > _FIBROUS]
    told = ", ".join(f"{percent(v)} with {n}" for n, v in pairs)
    return f"Fibrous tissue on day {when(c.day)}: {told}." if pairs else ""


def _held(c: Comparison) -> list[str]:
    return [
        f"The rules of {a.name} held it up by {when(a.delay(c.day))} days."
        for a in c.arms
        if a.delay(c.day) > 0.5
    ]


# --- the whole ------------------------------------------------------------------------------------


def _measures(c: Comparison) -> list[tuple[str, Pairs, float]]:
    """What protocols are judged by: name, values, and the difference that counts."""
    made = [
        ("bonded area", bonded(c), TOLD_BONDED),
        ("bond strength", strength(c), TOLD_STRENGTH),
    ]
    z = widest_zone(c)
    if z:
        pairs = zone(c, z)
        unlike = _spread(pairs) >= TOLD_DENSITY
        made.append((f"bone in zone {z}" if unlike else "bone", pairs, TOLD_DENSITY))
    falls = unlike_falls(c)
    if falls:
        name, day, pairs = falls[0]
        limit = TOLD_FALL * pairs[-1][1]
        where = " (beside the support)" if any(
            at_support(f) for _, f in _of_fall(c, name, day)
        ) else ""
        made.append((f"reserve in the fall “{name}” of day {when(day)}{where}", pairs, limit))
    elif c.falls:
        made.append(("reserve in falls", [], TOLD_FALL))
    return made


def said(c: Comparison) -> str:
    """The verdict: who has most of what, what cannot be told apart, who loads first."""
    best: dict[tuple[str, str], list[str]] = {}
    alike = []
    for what, pairs, limit in _measures(c):
        if _spread(pairs) >= limit:
            best.setdefault((pairs[0][0], pairs[-1][0]), []).append(what)
        else:
            alike.append(what)
    told = [f"{most} has most {_listed(what)}, {least} least"
            for (most, least), what in best.items()]
    if alike:
        told.append(f"{_listed(alike)} cannot be told apart")
    text = f"By day {when(c.day)}: " + "; ".join(told) + "."
    days = _half(c)
    if len(days) > 1 and days[-1][1] - days[0][1] >= TOLD_DAYS:
        apart = when(days[-1][1] - days[0][1])
        text += f" {days[0][0]} loads the stem first, {apart} days before {days[-1][0]}."
    return text


def findings(c: Comparison) -> list[str]:
    lines = [*_loads(c)]
    for what, pairs, limit in (
        ("Bonded area", bonded(c), TOLD_BONDED),
        ("Bond strength, of a grown bond", strength(c), TOLD_STRENGTH),
    ):
        if len(pairs) > 1:
            lines.append(_ranking(what, pairs, limit, percent))
    lines += [_motion(c), _fibrous(c), _bone(c), *_falls(c), *_held(c)]
    return [line for line in lines if line]


def threshold_words() -> str:
    return (
        f"Called a difference are {_points(TOLD_BONDED)} of the interface's area,"
        f" {_points(TOLD_STRENGTH)} of a grown bond's strength, {_points(TOLD_DENSITY)} of change"
        f" of density, and {percent(TOLD_FALL)} of a fall's load factor. These bounds are an"
        " assumption: no study tells how far such a model can be trusted with differences."
    )


# --- what it rests on -----------------------------------------------------------------------------


def _section(arm: Arm, *path: str) -> dict[str, Any]:
    tree: Any = arm.case
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def limits(c: Comparison) -> tuple[float, float]:
    """Micromotion up to which bond grows freely and from which none does (mm), by the case."""
    bond = _section(c.arms[0], "biology", "bond")
    full, none = quantity(bond.get("micromotion_full")), quantity(bond.get("micromotion_none"))
    return (full if math.isfinite(full) else 0.03, none if math.isfinite(none) else 0.15)


def _thresholds(c: Comparison) -> str:
    full, none = (1e3 * v for v in limits(c))
    most = max((1e3 * a.largest("micromotion_max", c.day)[0] for a in c.arms), default=math.nan)
    p95 = max((1e3 * a.largest("micromotion_p95", c.day)[0] for a in c.arms), default=math.nan)
    text = (
        f"Micromotion: bond grows freely up to {number(full)} µm and not at all from"
        f" {number(none)} µm on; experiments give 20 to 40 µm and 100 to 200 µm (Pilliar 1986;"
        " Jasty 1997)."
    )
    if most <= full:
        return text + (
            f" No point of any run moved more than {number(most)} µm, so that these thresholds did"
            " not act: what differs in the bond is what broke."
        )
    if p95 <= full:
        return text + (
            f" Less than 5\u202f% of the surface ever moved more than {number(full)} µm (at most"
            f" {number(most)} µm), so that they act there alone."
        )
    return text + (
        f" Up to {number(p95)} µm were reached on 95\u202f% of the surface: other thresholds may"
        " turn the order of the protocols."
    )


def _clocks(c: Comparison) -> str:
    bond = _section(c.arms[0], "biology", "bond")
    area, slow = quantity(bond.get("bond_time")), quantity(bond.get("strength_time"))
    if not math.isfinite(area + slow):
        return ""
    return (
        f"Clocks: bonded area grows with a time of {number(area)} days towards"
        f" {percent(bond.get('bond_max'))}, its strength with {number(slow)} days, both from the"
        " operation on, loaded or not. A protocol can only hinder the bond, by micromotion and by"
        " breaking it; a model in which load helped the bond to grow would favour early loads."
    )


def _cycles(c: Comparison) -> str:
    told = ", ".join(
        f"{number(a.largest('cycles_per_day', c.day)[0])} ({a.name})"
        for a in c.arms
        if math.isfinite(a.largest("cycles_per_day", c.day)[0])
    )
    return (
        f"Load cycles a day, which the publications of the protocols leave open: at most {told}."
        " By walking times and cadences 1500 to 5000 are possible (Saleib 2023; Frossard 2021);"
        " they drive the bone's response,"
        " and where they are assumed the protocol's file says so."
        if told
        else ""
    )


def _remodelling(c: Comparison) -> str:
    law = _section(c.arms[0], "biology", "remodelling")
    if not law:
        return ""
    zone_width = percent(law.get("lazy_zone"))
    site = "what the same place was used to before the operation"
    rate = str(law.get("rate", "of the law")).replace("um", "µm")
    reference = site if law.get("reference") == "site" else "one number for all bone"
    return (
        f"Bone: law “{law.get('law')}”, compared with {reference}, nothing happening within"
        f" ±\u202f{zone_width} of it, rate {rate}. It answers to the"
        " loads at the abutment; other muscles and other limbs' loads are not in it."
    )


def _breaking(c: Comparison) -> str:
    risk = _section(c.arms[0], "risk")
    tension, compression = (words.value(risk.get(k)) for k in
                            ("strain_tension", "strain_compression"))
    if not c.falls or not math.isfinite(tension + compression):
        return ""
    return (
        f"Falls: bone is called broken where {number(quantity(risk.get('volume')))} mm³ of it pass"
        f" {number(100 * tension)}\u202f% tensile or {number(100 * compression)}\u202f% compressive"
        " strain. What a factor owes to that limit and to the density law two runs share: their"
        " ratio is surer than either factor."
    )


def rests_on(c: Comparison) -> list[str]:
    lines = [c.sameness, _thresholds(c), _clocks(c), _cycles(c), _remodelling(c), _breaking(c)]
    lines.append(
        "One patient and one run a protocol: how patients differ, whether they keep to a protocol,"
        " infection, pain and gait are not in these figures."
    )
    return [line for line in lines if line]
