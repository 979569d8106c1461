#!/usr/bin/env python3
"""Tests of postproc/compare on synthetic runs whose differences are known."""
from __future__ import annotations

import csv
import math
import shutil
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "postproc"), str(HERE)]

import make_synthetic  # noqa: E402
from osteon_post import compare_curves, compare_table, compare_words, compared, style  # noqa: E402
from osteon_post.compared import DAYS_PER_MONTH  # noqa: E402
from osteon_post.reader import History  # noqa: E402


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "postproc" / "compare"), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


class Cells(HTMLParser):
    """The numbers behind the cells of a page's table, by the row's name; links and ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: dict[str, list[float]] = {}
        self.links: list[str] = []
        self.ids: set[str] = set()
        self._row = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        self.links += [a[k] for k in ("src", "href") if k in a]
        self.ids |= {a["id"]} if "id" in a else set()
        if tag == "tr":
            self._row = a.get("data-row", "")
        if "data-value" in a and self._row:
            self.rows.setdefault(self._row, []).append(float(a["data-value"]))


class Fixture(unittest.TestCase):
    def assertIn(self, member, container, msg=None) -> None:  # noqa: N802
        """Without the whole of a page in what is told."""
        if isinstance(container, str) and member not in container:
            self.fail(f"{member!r} is not among {len(container)} characters")
        super().assertIn(member, container, msg)

    @classmethod
    def setUpClass(cls) -> None:
        cls._temporary = tempfile.TemporaryDirectory()
        cls.top = Path(cls._temporary.name)
        cls.slow = cls.top / "slow"
        make_synthetic.write(cls.slow, cells=1500, months=24.0, step_days=180.0)

    @classmethod
    def tearDownClass(cls) -> None:
        cls._temporary.cleanup()

    def copy(self, name: str) -> Path:
        shutil.copytree(self.slow, self.top / name)
        self.addCleanup(shutil.rmtree, self.top / name)
        return self.top / name

    def quick(self) -> Path:
        """Loads sooner, more bond, less bone in zone 3, a fall it bears a tenth better."""
        target = self.copy("quick")
        with h5py.File(target / "results.h5", "r+") as file:
            h = file["history"]
            days = h["day"][()]
            h["load_axial"][...] = np.where(days > 30.0, 1700.0, 0.0)
            h["bonded_area_fraction"][...] = h["bonded_area_fraction"][()] + 0.08
            h["density_change_zone_3"][...] = h["density_change_zone_3"][()] - 0.1
            file["falls/sideways_day0540"].attrs["factor"] *= 1.1
        return target

    @staticmethod
    def rewrite(target: Path, old: str, new: str) -> None:
        with h5py.File(target / "results.h5", "r+") as file:
            text = file["case/resolved"][()].decode()
            assert old in text
            del file["case/resolved"]
            file["case"].create_dataset(
                "resolved", data=text.replace(old, new), dtype=h5py.string_dtype()
            )

    @staticmethod
    def cut(target: Path, day: float) -> None:
        """As a run that was killed leaves it."""
        (target / "summary.json").unlink()
        with h5py.File(target / "results.h5", "r+") as file:
            file.attrs["complete"] = 0
            h = file["history"]
            rows = int(np.searchsorted(h["day"][()], day, side="right"))
            for column in list(h):
                values, attributes = h[column][:rows], dict(h[column].attrs)
                del h[column]
                h[column] = values
                h[column].attrs.update(attributes)
            for fall in [f for f in file["falls"] if file["falls"][f].attrs["day"] > day]:
                del file["falls"][fall]


class KnownDifferences(Fixture):
    def setUp(self) -> None:
        self.other = self.quick()
        self.out = self.top / "out"
        self.done = run(self.slow, self.other, "-o", self.out, "--figures", self.out / "figures")
        self.addCleanup(shutil.rmtree, self.out, ignore_errors=True)
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        self.text = (self.out / "compare.html").read_text(encoding="utf-8")
        self.cells = Cells(self.text)

    def history(self, target: Path) -> dict[str, np.ndarray]:
        with h5py.File(target / "results.h5") as file:
            return {n: file["history"][n][()] for n in file["history"]}

    def test_the_table_has_the_runs_figures(self) -> None:
        a, b = self.history(self.slow), self.history(self.other)
        end = "day 730, the end"
        for row, column, factor in (
            (f"{end}: bonded area", "bonded_area_fraction", 1.0),
            (f"{end}: bond strength, of a grown bond", "strength_mean", 1.0),
            (f"{end}: fibrous area", "area_fibrous", 1.0),
            (f"{end}: micromotion, 95 % of area below", "micromotion_p95", 1e3),
            (f"{end}: area above 40 µm", "area_over_40um", 1.0),
            ("change of bone density on day 730, by zone: 3 lateral, proximal third",
             "density_change_zone_3", 1.0),
        ):
            np.testing.assert_allclose(
                self.cells.rows[row], [factor * h[column][-1] for h in (a, b)], err_msg=row
            )
        with h5py.File(self.slow / "results.h5") as x, h5py.File(self.other / "results.h5") as y:
            factors = [f["falls/sideways_day0540"].attrs["factor"] for f in (x, y)]
        row = "falls: load factor, above 1 the bone holds: sideways, day 540"
        self.assertEqual(self.cells.rows[row], factors)
        mass = [h["bone_mass"][-1] / h["bone_mass"][0] - 1.0 for h in (a, b)]
        np.testing.assert_allclose(self.cells.rows[f"{end}: bone mass in the model"], mass)

    def test_loads_and_when_they_come(self) -> None:
        weight = 73 * 9.80665
        a = self.history(self.slow)
        first = a["day"][np.flatnonzero(a["load_axial"] >= 0.5 * weight)[0]]
        row = f"protocol: half the body weight ({round(0.5 * weight)} N) from"
        self.assertEqual(self.cells.rows[row], [first, 40.0])
        self.assertEqual(self.cells.rows["protocol: largest axial load"], [1700.0, 1700.0])
        steps = np.diff(a["day"]) * a["cycles_per_day"][1:]
        np.testing.assert_allclose(
            self.cells.rows["protocol: cycles up to day 730"][0], steps.sum(), atol=0.5
        )
        self.assertEqual(self.cells.rows["protocol: held up by rules"], [14.0, 14.0])

    def test_months_are_those_of_the_history(self) -> None:
        a = self.history(self.slow)
        for month in (3, 6, 12):
            want = np.interp(month * DAYS_PER_MONTH, a["day"], a["bonded_area_fraction"])
            got = self.cells.rows[f"growth of the bond: bonded area, month {month}"]
            np.testing.assert_allclose(got, [want, want + 0.08])

    def test_csv_has_one_row_a_protocol_and_month(self) -> None:
        with open(self.out / "compare.csv", newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        a, b = self.history(self.slow), self.history(self.other)
        for name, h in (("slow", a), ("quick", b)):
            mine = [r for r in rows if r["protocol"] == name]
            months = [float(r["month [month]"]) for r in mine]
            self.assertEqual(months[:24], [float(m) for m in range(24)])
            self.assertEqual(float(mine[-1]["day [day]"]), 730.0)
            for key, column in (
                ("bonded_area_fraction [-]", "bonded_area_fraction"),
                ("density_change_zone_3 [-]", "density_change_zone_3"),
                ("bone_mass [g]", "bone_mass"),
            ):
                want = np.interp([float(r["day [day]"]) for r in mine], h["day"], h[column])
                np.testing.assert_allclose([float(r[key]) for r in mine], want, rtol=1e-8)
            delay = [float(r["protocol_day_delay [day]"]) for r in mine]
            self.assertEqual((delay[0], delay[-1]), (0.0, 14.0))
            told = [r for r in mine if r["fall_sideways_factor [-]"]]
            self.assertEqual([float(r["fall_sideways_day [day]"]) for r in told], [200.0, 540.0])
            self.assertEqual([float(r["month [month]"]) for r in told], [7.0, 18.0])

    def test_the_verdict_names_who_has_more(self) -> None:
        text = self.done.stdout.replace("\n  ", " ")
        self.assertIn("quick has most bonded area and reserve in the fall “sideways” of day 540,"
                      " slow least", text)
        self.assertIn("slow has most bone in zone 3, quick least", text)
        self.assertIn("bond strength cannot be told apart", text)
        self.assertRegex(text, r"quick loads the stem first, \d+ days before slow")
        self.assertIn("Bonded area: most with quick", self.text)
        self.assertIn("slow 8.0 points less", self.text)
        self.assertIn("10\u202f% more than with slow", self.text)
        self.assertIn("Fall “forward” on day 200: no difference in what is borne", self.text)

    def test_what_it_rests_on_is_the_cases(self) -> None:
        for words in ("up to 30 µm", "150 µm", "82.2 days", "292 days", "70.0\u202f%",
                      "daily-stress", "0.02 µm/day/MPa", "0.730\u202f% tensile"):
            self.assertIn(words, self.text)
        self.assertIn("The same in all runs: patient, mesh, implant", self.text)
        self.assertIn("These bounds are an assumption", self.text)
        self.assertNotIn('class="incomplete"', self.text)

    def test_page_stands_alone(self) -> None:
        self.assertTrue(all(s.startswith(("data:image/", "#")) for s in self.cells.links))
        self.assertLessEqual({"verdict", "table", "courses", "bone", "rests", "runs",
                              "figure-courses", "figure-zones"}, self.cells.ids)
        self.assertNotIn("<script", self.text)
        self.assertIn("Synthetic limb &lt;right&gt;", self.text)
        for name in ("courses", "zones"):
            self.assertTrue((self.out / "figures" / f"{name}.png").read_bytes().startswith(b"\x89"))

    def test_terminal_keeps_its_width(self) -> None:
        self.assertLessEqual(max(map(len, self.done.stdout.splitlines()[:-2])),
                             compare_table.WIDTH)

    def test_many_protocols_go_below_each_other(self) -> None:
        comparison = compared.read([self.slow, self.other])
        comparison.arms = [comparison.arms[0]] * 9 + [comparison.arms[1]]
        lines = compare_table.terminal(comparison, "").splitlines()
        self.assertLessEqual(max(map(len, lines)), compare_table.WIDTH)
        self.assertEqual(sum(line.split().count("slow") for line in lines), 9)

    def test_readme_picture(self) -> None:
        target = self.top / "wide.png"
        self.assertEqual(run(self.slow, self.other, "--readme-picture", target).returncode, 0)
        self.assertLess(target.stat().st_size, 150_000)
        height, width = style.plt.imread(target).shape[:2]
        self.assertGreater(width, 2 * height)

    def test_lines_differ_in_colour_and_stroke(self) -> None:
        figure = compare_curves.courses_figure(compared.read([self.slow, self.other]))
        self.addCleanup(style.plt.close, "all")
        first, second = figure.axes[0].lines[:2]
        self.assertNotEqual(first.get_color(), second.get_color())
        self.assertNotEqual(first.get_linestyle(), second.get_linestyle())
        labels = "\n".join(t.get_text() for t in figure.findobj(style.matplotlib.text.Text))
        for word in ("30 µm", "40 µm", "150 µm", "slow", "quick", "half the body weight",
                     "above 1 the bone holds"):
            self.assertIn(word, labels)


class Courses(unittest.TestCase):
    """What acts jumps where a stage begins; what grows does not."""

    HISTORY = History({
        "day": np.array([0.0, 10.0, 20.0]), "stage": np.array([0.0, 0.0, 1.0]),
        "load_axial": np.array([0.0, 100.0, 500.0]), "bond_mean": np.array([0.0, 0.2, 0.4]),
    })

    def test_between_two_rows(self) -> None:
        of = lambda column, day: compared.at(self.HISTORY, column, day)  # noqa: E731
        self.assertAlmostEqual(of("load_axial", 5.0), 50.0)
        self.assertEqual(of("load_axial", 10.0), 100.0)
        self.assertEqual(of("load_axial", 11.0), 500.0)
        self.assertAlmostEqual(of("bond_mean", 15.0), 0.3)
        self.assertTrue(math.isnan(of("bond_mean", 21.0)))
        self.assertTrue(math.isnan(of("unknown", 1.0)))

    def test_drawn(self) -> None:
        days, values = compared.course(self.HISTORY, "load_axial")
        self.assertEqual(days.tolist(), [0.0, 10.0, 10.0, 20.0])
        self.assertEqual(values.tolist(), [0.0, 100.0, 500.0, 500.0])
        self.assertEqual(len(compared.course(self.HISTORY, "bond_mean")[0]), 3)


class Unlike(Fixture):
    def compare(self, *others: Path) -> str:
        out = self.top / "out"
        self.addCleanup(shutil.rmtree, out, ignore_errors=True)
        done = run(self.slow, *others, "-o", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.page = (out / "compare.html").read_text(encoding="utf-8")
        self.terminal = done.stdout.replace("\n  ", " ")
        self.assertEqual("! " in done.stdout, 'class="incomplete"' in self.page)
        return self.terminal

    def test_equal_runs_cannot_be_told_apart(self) -> None:
        text = self.compare(self.copy("twin"))
        self.assertNotIn("! ", text)
        self.assertIn("bonded area, bond strength, bone and reserve in falls cannot be told apart",
                      text)
        self.assertNotIn("loads the stem first", text)
        self.assertNotIn("most with", self.page)

    def test_another_patient(self) -> None:
        other = self.copy("heavy")
        self.rewrite(other, "body_mass: 73 kg", "body_mass: 90 kg")
        text = self.compare(other)
        told = "! NOT THE SAME PATIENT. patient.body_mass: 73 kg (slow), 90 kg (heavy)"
        self.assertIn(told, text)
        self.assertIn("NOT THE SAME PATIENT", self.page)
        self.assertNotIn("runs: patient", self.page)

    def test_another_mesh(self) -> None:
        other = self.copy("finer")
        with h5py.File(other / "results.h5", "r+") as file:
            file["mesh/nodes"][0, 0] += 1e-3
        self.assertIn("! NOT THE SAME MESH", self.compare(other))
        self.assertNotIn("mesh, implant", self.page)

    def test_another_implant(self) -> None:
        other = self.copy("screw")
        with h5py.File(other / "results.h5", "r+") as file:
            file["case"].attrs["implant"] = "screw"
        self.assertIn("! NOT THE SAME IMPLANT. implant: straight press-fit stem (slow), screw",
                      self.compare(other))

    def test_another_end_and_other_settings(self) -> None:
        other = self.copy("short")
        self.rewrite(other, "until: 730 day", "until: 400 day")
        self.rewrite(other, "rate: 0.02", "rate: 0.04")
        text = self.compare(other)
        self.assertIn("! NOT THE SAME END", text)
        self.assertIn("! NOT THE SAME SETTINGS. biology.remodelling.rate: 0.02 um/day/MPa (slow)",
                      text)

    def test_an_input_that_was_changed(self) -> None:
        other = self.copy("edited")
        with h5py.File(self.slow / "results.h5") as file:
            text = file["case/hashes"][()].decode()
        for target, sha in ((self.copy("as_it_was"), "b" * 64), (other, "c" * 64)):
            with h5py.File(target / "results.h5", "r+") as file:
                del file["case/hashes"]
                file["case"].create_dataset(
                    "hashes", data=text + f"{sha}  falls/forward.yaml\n", dtype=h5py.string_dtype()
                )
        done = run(self.top / "as_it_was", other, "-o", self.top / "out")
        self.addCleanup(shutil.rmtree, self.top / "out")
        self.assertIn("changed between the runs: forward.yaml", done.stdout)

    def test_protocol_may_differ(self) -> None:
        other = self.copy("free")
        self.rewrite(other, "file: cases/protocols/synthetic.yaml", "file: cases/protocols/x.yaml")
        self.rewrite(other, "#   rules:", "#   words:")
        text = self.compare(other)
        self.assertNotIn("! ", text)
        self.assertRegex(text, r"held up by rules +14 days +no rules")

    def test_incomplete_is_compared_up_to_its_day(self) -> None:
        other = self.copy("killed")
        self.cut(other, 400.0)
        text = self.compare(other)
        self.assertIn("! INCOMPLETE: killed has reached day 400 of 730; all are compared up to day"
                      " 400.", text)
        self.assertIn("day 400, the last day that all have reached", text)
        rows = Cells(self.page).rows
        same = rows["day 400, the last day that all have reached: bonded area"]
        self.assertAlmostEqual(same[0], same[1])
        with h5py.File(self.slow / "results.h5") as file:
            day, bonded = (file["history"][n][()] for n in ("day", "bonded_area_fraction"))
        self.assertAlmostEqual(same[0], float(np.interp(400.0, day, bonded)))
        month = rows["growth of the bond: bonded area, month 12"]
        self.assertAlmostEqual(month[0], month[1])
        fall = rows["falls: load factor, above 1 the bone holds: forward, day 540"]
        self.assertTrue(math.isnan(fall[1]) and not math.isnan(fall[0]))
        above = rows["worst micromotion up to day 400: days above 40 µm"]
        self.assertEqual(above[0], above[1])  # what comes after day 400 does not count
        self.assertIn("cut off", text)
        self.assertIn("cannot be told apart", text)

    def test_what_gives_way_first_decides(self) -> None:
        """A bone that bears more is no reserve where the stem yields before it."""
        plain, other = self.copy("plain"), self.copy("strong")
        for target, factor in ((plain, 3.0), (other, 4.0)):
            with h5py.File(target / "results.h5", "r+") as file:
                file["falls/forward_day0540"].attrs.update(factor=factor, stem_yield_factor=0.9)
        c = compared.read([plain, other])
        self.assertEqual(compare_words.unlike_falls(c), [])
        told = "\n".join(compare_words.findings(c))
        self.assertIn("the bone breaks at load factors 3 (plain), 4 (strong), the stem yields"
                      " before it at 0.900, 0.900 (plain and strong)", told)
        rows = [r for g in compare_table.groups(c) for r in g.rows if "the stem yields" in r.name]
        self.assertIn((0.9, 0.9), [tuple(cell.raw for cell in r.cells) for r in rows])

    def test_a_break_at_the_support_is_said(self) -> None:
        other = self.copy("held")
        with h5py.File(other / "results.h5", "r+") as file:
            file["falls/sideways_day0540"].attrs.update(
                factor=1.0, place="7 mm from where the model is held: the support decides"
            )
        text = self.compare(other)
        self.assertIn("reserve in the fall “sideways” of day 540 (beside the support)", text)
        self.assertIn("so that the support decides", self.page)
        self.assertRegex(text, r"it breaks +zone 4 +at the support")

    def test_falls_after_that_day_decide_nothing(self) -> None:
        killed, weak = self.copy("killed"), self.copy("weak")
        self.cut(killed, 400.0)
        with h5py.File(weak / "results.h5", "r+") as file:
            file["falls/sideways_day0540"].attrs["factor"] = 0.5
        self.assertIn("reserve in the fall", self.compare(weak))
        self.assertIn("reserve in falls cannot be told apart", self.compare(weak, killed))

    def test_a_bound_is_no_difference(self) -> None:
        """At least 1.0 and 2.0 may be the same factor; at least 4.0 is more than 2.0."""
        plain, other = self.copy("plain"), self.copy("bounded")
        for factor, told in ((1.0, False), (4.0, True)):
            with h5py.File(other / "results.h5", "r+") as file:
                file["falls/forward_day0540"].attrs.update(
                    factor=factor, at_least=1, stem_yield_factor=9.0
                )
            with h5py.File(plain / "results.h5", "r+") as file:
                file["falls/forward_day0540"].attrs.update(factor=2.0, stem_yield_factor=9.0)
            found = compare_words.unlike_falls(compared.read([plain, other]))
            self.assertEqual([(n, d) for n, d, _ in found], [("forward", 540.0)] if told else [])


class Refusals(Fixture):
    def refused(self, *arguments: object, told: str) -> None:
        out = self.top / "never"
        done = run(*arguments, "-o", out)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn(told, done.stderr)
        self.assertIn("fix:", done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertFalse(out.exists())

    def test_one_directory(self) -> None:
        self.refused(self.slow, told="nothing to compare it with")

    def test_twice_the_same(self) -> None:
        self.refused(self.slow, self.slow, told="named twice")

    def test_no_results(self) -> None:
        (self.top / "empty").mkdir()
        self.refused(self.slow, self.top / "empty", told="holds no results.h5")
        self.refused(self.slow, self.top / "nowhere", told="no such results directory")

    def test_all_faults_are_told(self) -> None:
        done = run(self.top / "one", self.top / "two", "-o", self.top / "never")
        self.assertEqual((done.returncode, done.stderr.count("error: ")), (2, 2), done.stderr)

    def test_no_row_yet(self) -> None:
        early = self.copy("early")
        self.cut(early, -1.0)
        (early / "history.csv").unlink()
        self.refused(self.slow, early, told="its history has no row")

    def test_a_file_in_the_way(self) -> None:
        twin = self.copy("twin")
        done = run(self.slow, twin, "-o", self.slow / "history.csv" / "out")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_same_names_are_told_apart(self) -> None:
        for part in ("a", "b"):
            shutil.copytree(self.slow, self.top / part / "run")
            self.addCleanup(shutil.rmtree, self.top / part)
        names = compared.read([self.top / "a" / "run", self.top / "b" / "run"]).names
        self.assertEqual(names, ["a/run", "b/run"])


if __name__ == "__main__":
    unittest.main()
