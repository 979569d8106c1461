#!/usr/bin/env python3
"""The model of scripts/bench: a titanium stem in a hollow bone that is clamped at one end.

    deck.py NAME --size H [--curved]

Makes one mesh with Gmsh and writes the same discrete problem for every program:

    NAME.msh          10-node tetrahedra, Gmsh 4.1 binary, Osteon's group names
    NAME_linear.msh   its 4-node tetrahedra (FEniCSx puts P2 on them: the same space)
    NAME_tied.inp     CalculiX, C3D10, stem and bone share their nodes
    NAME_contact.inp  CalculiX, interface nodes doubled, press-fit with friction (--curved only)
    NAME.json         counts
    NAME_tip.txt      node and weight: tip displacement = sum of weight x displacement, the mean
                      over the loaded face

Bone: radii 7 and 14, z 0 to 200, clamped at z = 0. Stem: radius 7, z 60 to 240, loaded at z = 240
by a uniform traction. --curved puts the mid-side nodes on the cylinders, for the contact case; the
tied meshes have straight edges, so that all programs have the same geometry. Units mm, N, MPa.
Needs python3-gmsh and python3-numpy.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import gmsh
import numpy as np

from model import (BONE, BONE_LENGTH, CLAMP, FIRST_INCREMENT, FORCE, FRICTION, INTERFACE,
                   INTERFERENCE, LOAD, MODULUS, NAMES, NORMAL, OUTER, POISSON, RADIUS, STEM,
                   STEM_FROM, STEM_TO, STICK)

TO_ABAQUS = [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]                   # Gmsh's 10 nodes in C3D10's order
EDGES = ((0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3))     # of C3D10's nodes 4 to 9
FACES = ((0, 1, 2), (0, 3, 1), (1, 3, 2), (2, 3, 0))         # S1 to S4 of C3D10


def surfaces_at(tags: set[int], z: float) -> list[int]:
    found = []
    for tag in sorted(tags):
        box = gmsh.model.getBoundingBox(2, tag)
        if abs(box[2] - z) < 1e-3 and abs(box[5] - z) < 1e-3:
            found.append(tag)
    return found


def build(size: float, curved: bool) -> None:
    """The first-order mesh with its groups in Gmsh's current model."""
    model, occ = gmsh.model, gmsh.model.occ
    gmsh.option.setNumber("General.Verbosity", 2)
    gmsh.option.setNumber("Mesh.MeshSizeMin", size)
    gmsh.option.setNumber("Mesh.MeshSizeMax", size)
    gmsh.option.setNumber("Mesh.Algorithm3D", 1)
    gmsh.option.setNumber("Mesh.SecondOrderLinear", 0 if curved else 1)
    gmsh.option.setNumber("Mesh.MshFileVersion", 4.1)
    gmsh.option.setNumber("Mesh.Binary", 1)
    model.add("stem")
    outer = occ.addCylinder(0, 0, 0, 0, 0, BONE_LENGTH, OUTER)
    inner = occ.addCylinder(0, 0, 0, 0, 0, BONE_LENGTH, RADIUS)
    bone, _ = occ.cut([(3, outer)], [(3, inner)])
    stem = occ.addCylinder(0, 0, STEM_FROM, 0, 0, STEM_TO - STEM_FROM, RADIUS)
    _, parts = occ.fragment(bone, [(3, stem)])
    occ.synchronize()
    volumes = {BONE: [tag for _, tag in parts[0]], STEM: [tag for _, tag in parts[1]]}
    around = {group: {abs(tag) for _, tag in
                      model.getBoundary([(3, v) for v in tags], oriented=False)}
              for group, tags in volumes.items()}
    surfaces = {CLAMP: surfaces_at(around[BONE], 0.0), LOAD: surfaces_at(around[STEM], STEM_TO),
                INTERFACE: sorted(around[BONE] & around[STEM])}
    for dim, groups in ((3, volumes), (2, surfaces)):
        for group, tags in groups.items():
            model.addPhysicalGroup(dim, tags, group)
            model.setPhysicalName(dim, group, NAMES[group])
    model.mesh.generate(3)


def elements(dim: int, group: int, nodes: int, row_of: np.ndarray) -> np.ndarray:
    found = []
    for entity in gmsh.model.getEntitiesForPhysicalGroup(dim, group):
        _, _, tags = gmsh.model.mesh.getElements(dim, entity)
        found += [row_of[t].reshape(-1, nodes) for t in tags]
    return np.vstack(found)


def extract(curved: bool) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Places of all nodes, and the nodes of each group's elements."""
    tags, x, _ = gmsh.model.mesh.getNodes()
    x = x.reshape(-1, 3)
    row_of = np.zeros(int(tags.max()) + 1, dtype=np.int64)
    row_of[tags] = np.arange(len(tags))
    groups = {g: elements(3, g, 10, row_of)[:, TO_ABAQUS] for g in (BONE, STEM)}
    groups |= {g: elements(2, g, 6, row_of) for g in (CLAMP, LOAD, INTERFACE)}
    used = np.unique(np.concatenate([groups[BONE].ravel(), groups[STEM].ravel()]))
    row = np.full(len(x), -1)
    row[used] = np.arange(len(used))
    x = x[used]
    groups = {g: row[nodes] for g, nodes in groups.items()}
    if not curved:
        for cells in (groups[BONE], groups[STEM]):
            for k, (i, j) in enumerate(EDGES, 4):
                x[cells[:, k]] = 0.5 * (x[cells[:, i]] + x[cells[:, j]])
    return x, groups


def load_weights(x: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of the faces and the integral of each one's shape function over the area."""
    a, b = 0.445948490915965, 0.091576213509771
    points = [p for c, w in ((a, 0.223381589678011), (b, 0.109951743655322))
              for p in ((c, c, w), (1 - 2 * c, c, w), (c, 1 - 2 * c, w))]
    total = np.zeros(len(x))
    for s, t, weight in points:
        r = 1 - s - t
        shape = (r * (2 * r - 1), s * (2 * s - 1), t * (2 * t - 1), 4 * r * s, 4 * s * t, 4 * t * r)
        ds = (1 - 4 * r, 4 * s - 1, 0, 4 * (r - s), 4 * t, -4 * t)
        dt = (1 - 4 * r, 0, 4 * t - 1, -4 * s, 4 * s, 4 * (r - t))
        along = [np.tensordot(np.array(d), x[triangles], (0, 1)) for d in (ds, dt)]
        area = 0.5 * weight * np.linalg.norm(np.cross(*along), axis=1)
        for k in range(6):
            np.add.at(total, triangles[:, k], shape[k] * area)
    nodes = np.unique(triangles)
    return nodes, total[nodes] / total.sum()


def faces_on(cells: np.ndarray, triangles: np.ndarray) -> list[tuple[int, int]]:
    """(row of the cell, number of its face) of the cells' faces on these triangles."""
    wanted = {tuple(sorted(t[:3])) for t in triangles.tolist()}
    return [(row, k + 1) for k, face in enumerate(FACES)
            for row, corners in enumerate(np.sort(cells[:, face], axis=1).tolist())
            if tuple(corners) in wanted]


def table(rows: np.ndarray, form: str, first: int = 1) -> str:
    return "".join(form % (k, *row) for k, row in enumerate(rows.tolist(), first))


def node_set(name: str, nodes: np.ndarray) -> str:
    return f"*NSET, NSET={name}\n" + "".join(f"{node + 1},\n" for node in nodes.tolist())


def contact_pair(bone: np.ndarray, stem: np.ndarray, interface: np.ndarray) -> str:
    text = ""
    for name, cells, first in (("SBONE", bone, 1), ("SSTEM", stem, 1 + len(bone))):
        found = faces_on(cells, interface)
        assert len(found) == len(interface)
        text += f"*SURFACE, NAME={name}, TYPE=ELEMENT\n"
        text += "".join(f"{first + row}, S{face}\n" for row, face in found)
    return (text + "*SURFACE INTERACTION, NAME=SI\n"
            f"*SURFACE BEHAVIOR, PRESSURE-OVERCLOSURE=LINEAR\n{NORMAL:g}\n"
            f"*FRICTION\n{FRICTION:g}, {STICK:g}\n"
            "*CONTACT PAIR, INTERACTION=SI, TYPE=SURFACE TO SURFACE\nSBONE, SSTEM\n"
            f"*CLEARANCE, SLAVE=SBONE, MASTER=SSTEM, VALUE={-INTERFERENCE:g}\n")


def write_calculix(path: Path, x: np.ndarray, groups: dict[int, np.ndarray],
                   load: tuple[np.ndarray, np.ndarray], contact: bool) -> None:
    bone, stem = groups[BONE], groups[STEM]
    if contact:
        doubled = np.unique(groups[INTERFACE])
        of_stem = np.arange(len(x))
        of_stem[doubled] = len(x) + np.arange(len(doubled))
        x, triangles, stem = np.vstack([x, x[doubled]]), groups[INTERFACE], of_stem[stem]
        pair = contact_pair(bone, groups[STEM], triangles)
    text = ["*HEADING\nstem in a bone\n*NODE, NSET=NALL\n", table(x, "%d, %.12g, %.12g, %.12g\n")]
    for name, cells, first in (("BONE", bone, 1), ("STEM", stem, 1 + len(bone))):
        text += [f"*ELEMENT, TYPE=C3D10, ELSET={name}\n",
                 table(cells + 1, "%d" + ", %d" * 10 + "\n", first)]
    text += [node_set("CLAMP", np.unique(groups[CLAMP])), node_set("LOADN", load[0])]
    for name, modulus in MODULUS.items():
        text += [f"*MATERIAL, NAME={name.upper()}M\n*ELASTIC\n{modulus:g}, {POISSON}\n"
                 f"*SOLID SECTION, ELSET={name.upper()}, MATERIAL={name.upper()}M\n"]
    if contact:
        text += [pair]
    text += ["*BOUNDARY\nCLAMP, 1, 3\n"]
    if contact:
        text += ["*STEP, INC=200\n*STATIC, SOLVER=SPOOLES\n1., 1.\n*NODE PRINT, NSET=LOADN\nU\n"
                 "*END STEP\n*STEP, INC=200\n"
                 f"*STATIC, SOLVER=SPOOLES\n{FIRST_INCREMENT:g}, 1.\n"]
    else:
        text += ["*STEP\n*STATIC, SOLVER=SPOOLES\n"]
    text += ["*CLOAD\n"]
    text += [f"{node + 1}, {d + 1}, {weight * FORCE[d]:.12g}\n"
             for node, weight in zip(*load) for d in range(3) if abs(weight) > 1e-14]
    text += ["*NODE PRINT, NSET=LOADN\nU\n*END STEP\n"]
    path.write_text("".join(text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", type=Path)
    parser.add_argument("--size", type=float, required=True, help="edge of the elements [mm]")
    parser.add_argument("--curved", action="store_true", help="mid-side nodes on the cylinders")
    args = parser.parse_args()

    def file(end: str) -> Path:
        return args.name.with_name(args.name.name + end)

    gmsh.initialize()
    build(args.size, args.curved)
    if not args.curved:
        gmsh.write(str(file("_linear.msh")))
    gmsh.model.mesh.setOrder(2)
    gmsh.write(str(file(".msh")))
    x, groups = extract(args.curved)
    gmsh.finalize()
    load = load_weights(x, groups[LOAD])
    write_calculix(file("_contact.inp" if args.curved else "_tied.inp"), x, groups, load,
                   args.curved)
    np.savetxt(file("_tip.txt"), np.c_[load[0] + 1, load[1]], fmt="%d %.15g")
    doubled = len(np.unique(groups[INTERFACE])) if args.curved else 0
    file(".json").write_text(json.dumps({
        "size": args.size, "dof": 3 * (len(x) + doubled), "tets": len(groups[BONE]) +
        len(groups[STEM]), "faces": len(groups[INTERFACE])}) + "\n")


if __name__ == "__main__":
    main()
