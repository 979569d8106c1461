#!/usr/bin/env python3
"""Files of a run seen by other programs: h5py, csv, json, an XML parser and postproc/.

    tests/io/test_results.py WRITER MPIEXEC
"""
from __future__ import annotations

import csv
import json
import math
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import h5py
import numpy as np

import written

POSTPROC = Path(__file__).resolve().parents[2] / "postproc"


def everything(path: Path) -> dict[str, object]:
    """All datasets and attributes of an HDF5 file by name."""
    found: dict[str, object] = {}

    def visit(name: str, node: h5py.HLObject) -> None:
        if isinstance(node, h5py.Dataset):
            found[name] = node[()]
            found[f"{name} type"] = node.dtype
        found.update({f"{name}@{key}": value for key, value in node.attrs.items()})

    with h5py.File(path) as file:
        visit("", file)
        file.visititems(visit)
    return found


def same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and a.dtype.kind == "f":
        return np.array_equal(a, b, equal_nan=True)
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


class Hdf5(written.Written):
    def test_files_of_any_number_of_ranks_are_equal(self) -> None:
        one = everything(self.dirs[1] / "results.h5")
        self.assertGreater(len(one), 300)
        for ranks in (2, 3):
            many = everything(self.dirs[ranks] / "results.h5")
            self.assertEqual(list(one), list(many))
            different = [name for name in one if not same(one[name], many[name])]
            self.assertEqual(different, ["case@ranks"])

    def test_small_files_of_any_number_of_ranks_are_equal(self) -> None:
        for name in ("results.xdmf", "falls.xdmf", "history.csv", "case.resolved.yaml"):
            texts = {(self.dirs[n] / name).read_text(encoding="utf-8") for n in self.ranks}
            self.assertEqual(len(texts), 1, name)

    def test_nothing_half_written_is_left(self) -> None:
        for directory in self.dirs.values():
            self.assertEqual(
                sorted(p.name for p in directory.iterdir()),
                ["case.resolved.yaml", "falls.xdmf", "history.csv", "limb.msh", "results.h5",
                 "results.xdmf", "summary.json"],
            )

    def test_every_dataset_says_what_it_is(self) -> None:
        with h5py.File(self.dirs[3] / "results.h5") as file:
            seen = []

            def visit(name: str, node: h5py.HLObject) -> None:
                if isinstance(node, h5py.Dataset):
                    seen.append(name)
                    self.assertTrue(node.attrs["description"], name)
                    if not name.startswith("case/"):
                        self.assertTrue(node.attrs["units"], name)

            file.visititems(visit)
            self.assertGreater(len(seen), 100)
            self.assertEqual(file["steps/00001/cell/density"].attrs["units"], b"g/cm3")

    def test_indices_are_integers(self) -> None:
        with h5py.File(self.dirs[2] / "results.h5") as file:
            for name in ("mesh/cells", "mesh/region", "mesh/interface/zone",
                         "steps/00000/interface/state"):
                self.assertEqual(file[name].dtype.kind, "i", name)
            self.assertEqual(file["steps/00000/interface/bond"].dtype.kind, "f")

    def test_shapes_are_those_of_the_layout(self) -> None:
        with h5py.File(self.dirs[1] / "results.h5") as file:
            nodes, cells = len(file["mesh/nodes"]), len(file["mesh/cells"])
            faces = len(file["mesh/interface/faces"])
            shapes = {
                "mesh/nodes": (nodes, 3), "mesh/cells": (cells, 10), "mesh/volume": (cells,),
                "mesh/shaft_axis": (cells, 3),
                "mesh/interface/faces": (faces, 6), "mesh/interface/stem_faces": (faces, 6),
                "mesh/interface/points": (faces, 18), "mesh/interface/weights": (faces, 6),
                "steps/00002/node/displacement": (nodes, 3), "steps/00002/cell/density": (cells,),
                "steps/00002/interface/gap": (faces,),
                "steps/00002/interface_point/bond": (faces, 6), "history/day": (9,),
                "falls/forward_day0030/cell/risk": (cells,), "zones/limits": (7, 2),
                "steps/00002/interface_point/state": (faces, 6),
                **{f"transitions/{name}": (int(file["steps/00002"].attrs["transitions"]),)
                   for name in ("day", "face", "point", "from", "to", "cause")},
            }
            for name, shape in shapes.items():
                self.assertEqual(file[name].shape, shape, name)

    def test_transitions_lead_from_each_snapshot_to_the_next(self) -> None:
        for directory in self.dirs.values():
            with h5py.File(directory / "results.h5") as file:
                log = file["transitions"]
                state, done = file["steps/00000/interface_point/state"][()], 0
                self.assertEqual(file["steps/00000"].attrs["transitions"], 0)
                for step in file["steps"].values():
                    for i in range(done, step.attrs["transitions"]):
                        at = log["face"][i], log["point"][i]
                        self.assertEqual(state[at], log["from"][i])
                        state[at] = log["to"][i]
                    done = int(step.attrs["transitions"])
                    np.testing.assert_array_equal(state, step["interface_point/state"][()])
                self.assertGreater(done, 20)
                order = list(zip(log["day"], log["face"], log["point"]))
                self.assertEqual(order, sorted(order))
                self.assertEqual(log["from"].attrs["names"], log["to"].attrs["names"])
                self.assertLess(max(log["cause"]), len(log["cause"].attrs["names"].split()))
                self.assertLess(max(log["to"]), len(log["to"].attrs["names"].split()))

    def test_large_arrays_are_compressed(self) -> None:
        with h5py.File(self.dirs[3] / "results.h5") as file:
            self.assertEqual(file["mesh/nodes"].compression, "gzip")


class Csv(written.Written):
    ranks = (1,)

    def test_has_a_row_for_each_step(self) -> None:
        with open(self.dirs[1] / "history.csv", newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        self.assertEqual(len(rows), 9)
        self.assertEqual(float(rows[8]["day [day]"]), 80.0)
        self.assertIn("load_moment [N.mm]", rows[0])
        self.assertIn("bond_zone_7 [-]", rows[0])
        self.assertTrue(math.isnan(float(rows[1]["bonded_area_fraction [-]"])))
        self.assertEqual(rows[6]["stage_name"], 'free "walking"')
        self.assertNotIn(None, rows[0])

    def test_agrees_with_the_history_of_results(self) -> None:
        with open(self.dirs[1] / "history.csv", newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        with h5py.File(self.dirs[1] / "results.h5") as file:
            columns = {key.split(" [")[0]: key for key in rows[0] if key != "stage_name"}
            self.assertEqual(set(columns), set(file["history"]))
            for name, key in columns.items():
                np.testing.assert_allclose(
                    [float(row[key]) for row in rows], file["history"][name][()], rtol=1e-9
                )


class Json(written.Written):
    def test_has_the_keys_and_numbers_of_the_end(self) -> None:
        data = json.loads((self.dirs[1] / "summary.json").read_text(encoding="utf-8"))
        with h5py.File(self.dirs[1] / "results.h5") as file:
            weights = file["mesh/interface/weights"][()].sum()
            self.assertEqual(data["mesh"]["nodes"], len(file["mesh/nodes"]))
            self.assertEqual(data["mesh"]["cells"], len(file["mesh/cells"]))
            sicn = file["mesh/sicn"][()]
        self.assertEqual(data["mesh"]["dofs"], 3 * data["mesh"]["nodes"])
        self.assertAlmostEqual(data["mesh"]["interface_area_mm2"] / weights, 1.0, places=12)
        self.assertAlmostEqual(data["mesh"]["min_sicn"], sicn.min(), places=14)
        self.assertAlmostEqual(data["mesh"]["mean_sicn"], sicn.mean(), places=12)
        self.assertEqual(data["title"], "A block & a stem")
        self.assertEqual(data["material"], {"density_law": "keller", "known_g_cm3": [0.05, None],
                                            "found_g_cm3": [0.25, 1.875], "volume_below": 0,
                                            "volume_above": 0.125})
        self.assertEqual(data["remodelling"], {"law": "strain-energy", "reference": "site",
                                               "reference_limb": "intact", "smoothing_mm": 1.5})
        self.assertEqual(data["final"]["strength_mean"], 1 / 3)
        self.assertEqual(data["final"]["micromotion_p95_um"], 42.5)
        self.assertEqual(data["final"]["bond_zone"], [0.5, 0.6, 0.7, None, 0.7, 0.6, 0.5])
        self.assertEqual(data["final"]["verdict"], 'The stem holds: "bonded" on 75 %.')
        self.assertEqual([f["name"] for f in data["falls"]], ["forward", "on the/side", "forward"])
        self.assertEqual(data["falls"][0]["xyz"], [1, -2, 92])
        self.assertIsNone(data["falls"][0]["stem_yield_factor"])
        self.assertEqual(data["solver"]["newton_max"], 7)
        self.assertIs(data["complete"], True)

    def test_is_the_same_on_any_number_of_ranks(self) -> None:
        one, *others = (
            json.loads((self.dirs[n] / "summary.json").read_text(encoding="utf-8"))
            for n in self.ranks
        )
        for many in others:
            for key in ("mean_sicn", "interface_area_mm2"):  # sums, reordered
                self.assertAlmostEqual(many["mesh"].pop(key) / one["mesh"][key], 1.0, places=12)
            rest = {k: v for k, v in one["mesh"].items() if k in many["mesh"]}
            self.assertEqual({**one, "mesh": rest}, many)


class Xdmf(written.Written):
    """What needs no reader of XDMF; tests/io/test_xdmf.py has the rest."""

    ranks = (2,)

    def test_every_reference_is_a_dataset_of_that_shape_and_type(self) -> None:
        with h5py.File(self.dirs[2] / "results.h5") as file:
            for name, count in (("results.xdmf", 3 * (12 + 14)), ("falls.xdmf", 3 * 7)):
                items = list(ElementTree.parse(self.dirs[2] / name).iter("DataItem"))
                self.assertEqual(len(items), count)
                for item in items:
                    where, path = item.text.split(":")
                    self.assertEqual(where, "results.h5")
                    dataset = file[path]
                    shape = tuple(int(n) for n in item.get("Dimensions").split())
                    self.assertEqual(shape, dataset.shape, path)
                    self.assertEqual(int(item.get("Precision")), dataset.dtype.itemsize, path)
                    kind = {"Int": "i", "Float": "f"}[item.get("NumberType")]
                    self.assertEqual(kind, dataset.dtype.kind, path)

    def test_texts_of_the_case_are_escaped(self) -> None:
        grids = ElementTree.parse(self.dirs[2] / "results.xdmf").iter("Grid")
        self.assertIn("limb day 30, training <light>", [g.get("Name") for g in grids])


class Report(written.Written):
    """The reader of postproc/ finds what it needs in what the solver writes."""

    ranks = (3,)

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.dirs[3] = Path(shutil.copytree(cls.dirs[3], cls.top / "reported"))

    def run_tool(self, name: str) -> str:
        done = subprocess.run(
            [sys.executable, str(POSTPROC / name), str(self.dirs[3])],
            capture_output=True, text=True, timeout=200,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("Warning", done.stderr)
        return done.stdout

    def test_report_is_made_and_complete(self) -> None:
        self.run_tool("report")
        page = (self.dirs[3] / "report.html").read_text(encoding="utf-8")
        for text in ("A block &amp; a stem", "test-1", "square stem", "training &lt;light&gt;",
                     "posterior, 12 mm beyond the tip", "osteon run case.yaml -o out",
                     "0123abcd", "micromotion", "HDF5 1.10"):
            self.assertIn(text, page)
        for text in ("INCOMPLETE", "No interface was saved", "No fall was computed",
                     "No stage was reached", "Fewer than two steps"):
            self.assertNotIn(text, page)

    def test_table_is_made(self) -> None:
        table = self.run_tool("summary")
        for text in ("75.0 %", "42.5", "forward", "compression, zone 4"):
            self.assertIn(text, table.replace("\u202f", " "))

    def test_reader_has_every_field_of_the_last_step(self) -> None:
        sys.path.insert(0, str(POSTPROC))
        from osteon_post.reader import Results

        with Results(self.dirs[3]) as results:
            self.assertTrue(results.complete)
            self.assertEqual([s.day for s in results.steps], [0.0, 30.0, 60.0])
            self.assertEqual(results.history.stages,
                             ["rest", "training <light>", 'free "walking"'])
            self.assertEqual(len(results.history.days), 9)
            self.assertEqual(results.stem_mm("length"), 80.0)
            self.assertEqual(set(results.interface.zone), {1, 2, 3, 4, 5, 6, 7})
            self.assertEqual(len(results.worst_falls), 2)
            self.assertEqual(results.transitions.states[3], "bonded")
            self.assertEqual(results.transitions.causes[6], "broke_shear")
            self.assertEqual(set(results.transitions.day), {15.0, 30.0, 45.0, 60.0})
            for name in ("cell/density", "cell/strain_compression", "node/displacement",
                         "interface/bond", "interface_point/micromotion"):
                self.assertEqual(len(results.steps_with(name)), 3, name)


if __name__ == "__main__":
    written.main()
