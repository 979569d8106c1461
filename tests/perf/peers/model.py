"""What the programs of scripts/bench must agree on besides the mesh. Units mm, N, MPa."""

OUTER, RADIUS, BONE_LENGTH, STEM_FROM, STEM_TO = 14.0, 7.0, 200.0, 60.0, 240.0
MODULUS = {"bone": 17000.0, "stem": 110000.0}
POISSON = 0.3
FORCE = (300.0, -200.0, -800.0)
FRICTION = 0.4
INTERFERENCE = 0.01  # radial

# CalculiX's contact stiffness and stick slope [N/mm3], and its first increment of the load.
NORMAL, STICK = 1e6, 1e5
FIRST_INCREMENT = 0.25

# Groups by Gmsh's number.
BONE, STEM, CLAMP, LOAD, INTERFACE = 1, 2, 11, 12, 13
NAMES = {BONE: "bone", STEM: "stem", CLAMP: "proximal", LOAD: "abutment_end",
         INTERFACE: "interface_coated"}
