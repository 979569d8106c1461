#include "support/twin.h"

#include "base/tensor.h"
#include "support/mutation.h"

typedef enum { SERIAL, TURNED, SWAPPED, METRES, BINARY, RESTART, NUM_KINDS } Kind;

static const struct {
  const char *name;
  double      length, stress; /* unit of the first in units of the twin */
  double      bar;            /* largest relative difference: what rounding leaves is far below */
} kinds[NUM_KINDS] = {[SERIAL]  = {"serial", 1.0, 1.0, 1e-8},
                      [TURNED]  = {"turned", 1.0, 1.0, 1e-6},
                      [SWAPPED] = {"swapped", 1.0, 1.0, 1e-8},
                      [METRES]  = {"metres", 1e-3, 1e6, 1e-8},
                      [BINARY]  = {"binary", 1.0 / 1024.0, 1048576.0, 0.0},
                      [RESTART] = {"restart", 1.0, 1.0, 1e-8}};

enum { DISPLACEMENT, FORCE, JUMP, TRACTION, DAMAGE, NUM_FIELDS };
static const char *const fields[NUM_FIELDS] = {"displacement", "force", "jump", "traction",
                                               "damage"};

struct OstTwin {
  Kind            kind;
  OstBlock        original, block;
  double          turn[3][3]; /* x of the twin = length turn x */
  double          length, stress;
  double          sign; /* of jumps and tractions: -1 where the roles are exchanged */
  double          E[OST_NUM_REGIONS], nu[OST_NUM_REGIONS];
  OstTractionLaw  law[2];
  PetscInt        num_laws; /* by face; 0: law[2] */
  OstTractionLaw *laws;
  PetscInt       *face_law; /* [faces of the twin] */
  OstProblem      problem;
  PetscInt       *node;  /* [total_nodes] file number in the twin of a node of the first */
  PetscInt       *point; /* [points of all faces] likewise of an interface point */
  PetscInt       *local; /* [points of all faces] point of the twin by its file number */
  PetscInt        num_points;
  PetscInt        states;
  double          most[NUM_FIELDS], worst[NUM_FIELDS]; /* size and relative difference so far */
};

/* --- from the first to the twin -------------------------------------------------------------- */

static void turn_vector(const OstTwin *t, double scale, const double v[3], double to[3])
{
  double w[3];
  for (int i = 0; i < 3; i++)
    w[i] = scale * (t->turn[i][0] * v[0] + t->turn[i][1] * v[1] + t->turn[i][2] * v[2]);
  for (int i = 0; i < 3; i++) to[i] = w[i];
}

static void place(const double p[3], double x[3], const void *context)
{
  const OstTwin *t = context;
  t->original.map(p, x, t->original.context);
  turn_vector(t, t->length, x, x);
}

static int swapped_region(int region)
{
  return region == OST_STEM ? OST_CORTICAL : OST_STEM;
}

static int region_of(const double centre[3], const void *context)
{
  const OstTwin *t      = context;
  const int      region = t->original.region(centre, t->original.context);
  return t->kind == SWAPPED ? swapped_region(region) : region;
}

/* Some outer faces must be an abutment's end; loads come node by node, so the groups do not
   matter. */
static int surface_of(int direction, int side, const double centre[3], const void *context)
{
  const OstTwin *t = context;
  return t->original.surface(direction, side, centre, t->original.context);
}

/* Rodrigues' formula: 30 degrees about (1, 2, 3). */
static void set_turn(double turn[3][3])
{
  const double s = sin(M_PI / 6.0), c = cos(M_PI / 6.0), r = sqrt(14.0);
  const double a[3] = {1.0 / r, 2.0 / r, 3.0 / r};

  for (int i = 0; i < 3; i++) {
    const int j = (i + 1) % 3, k = (i + 2) % 3;
    for (int m = 0; m < 3; m++) turn[i][m] = (1.0 - c) * a[i] * a[m] + (i == m ? c : 0.0);
    turn[i][j] -= s * a[k];
    turn[i][k] += s * a[j];
  }
}

static OstTractionLaw law_in_units(OstTractionLaw law, double length, double stress)
{
  const double stiffness = (ost_mutated(OST_MUTATE_TWIN) ? 1.001 : 1.0) * stress / length;

  law.normal_stiffness *= stiffness;
  law.shear_stiffness *= stiffness;
  law.bond_stiffness *= stiffness;
  law.elastic_slip *= length;
  law.wear_from *= length;
  law.tensile_strength *= stress;
  law.shear_strength *= stress;
  law.energy_I *= stress * length;
  law.energy_II *= stress * length;
  return law;
}

/* --- fields by the file's numbering, the same on all ranks ----------------------------------- */

/* rows [num x bytes] with their numbers id [num] into all [total x bytes]. Every row is given by
   one rank, and the others hold zeros. */
static PetscErrorCode gather(MPI_Comm comm, PetscInt num, const PetscInt id[], size_t bytes,
                             const void *rows, PetscInt total, void *all)
{
  char *to = all;

  PetscFunctionBeginUser;
  memset(all, 0, bytes * (size_t)total);
  for (PetscInt k = 0; k < num; k++)
    memcpy(&to[bytes * (size_t)id[k]], (const char *)rows + bytes * (size_t)k, bytes);
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, all, (PetscMPIInt)bytes * total, MPI_BYTE, MPI_BOR, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode gather_vec(const OstProblem *p, Vec v, double all[])
{
  const PetscScalar *value;

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(v, &value));
  PetscCall(gather(p->mesh->comm, p->mesh->num_owned, p->mesh->rows_node.global, 3 * sizeof(double),
                   value, p->mesh->total_nodes, all));
  PetscCall(VecRestoreArrayRead(v, &value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode gather_points(const OstProblem *p, size_t bytes, const void *rows, void *all)
{
  PetscInt *id;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(p->iface->num_points, &id));
  for (PetscInt k = 0; k < p->iface->num_points; k++)
    id[k] = OST_FACE_POINTS * p->mesh->face_file[k / OST_FACE_POINTS] + k % OST_FACE_POINTS;
  PetscCall(gather(p->mesh->comm, p->iface->num_points, id, bytes, rows,
                   OST_FACE_POINTS * p->mesh->total_faces, all));
  PetscCall(PetscFree(id));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A field of the first, node by node, as a vector of the twin. */
static PetscErrorCode vec_to_twin(const OstTwin *t, const OstProblem *first, double scale, Vec from,
                                  Vec to)
{
  const OstMesh *mesh = t->problem.mesh;
  double        *all;
  PetscInt      *row;
  PetscScalar   *value;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * mesh->total_nodes, &all));
  PetscCall(PetscMalloc1(mesh->total_nodes, &row));
  PetscCall(gather_vec(first, from, all));
  for (PetscInt k = 0; k < mesh->num_owned; k++) row[mesh->rows_node.global[k]] = k;
  PetscCall(VecGetArray(to, &value));
  for (PetscInt i = 0; i < mesh->total_nodes; i++)
    turn_vector(t, scale, &all[3 * i], &value[3 * row[t->node[i]]]);
  PetscCall(VecRestoreArray(to, &value));
  PetscCall(PetscFree(row));
  PetscCall(PetscFree(all));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- life ------------------------------------------------------------------------------------ */

static PetscErrorCode match_nodes(OstTwin *t)
{
  const OstMesh *mesh = t->problem.mesh;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->total_nodes, &t->node));
  for (PetscInt i = 0; i < mesh->total_nodes; i++) t->node[i] = i;
  for (PetscInt f = 0; f < mesh->num_faces && t->kind == SWAPPED; f++)
    for (int a = 0; a < 6; a++) {
      const PetscInt bone = mesh->node_file[mesh->faces[12 * f + a]],
                     stem = mesh->node_file[mesh->faces[12 * f + 6 + a]];
      t->node[bone]       = stem;
      t->node[stem]       = bone;
    }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static double distance2(const double a[3], const double b[3])
{
  double sum = 0.0;
  for (int d = 0; d < 3; d++) sum += (a[d] - b[d]) * (a[d] - b[d]);
  return sum;
}

/* Points by their place: faces may be listed, and their corners turned, in another order. */
static PetscErrorCode match_points(OstTwin *t, const OstProblem *first)
{
  const OstMesh *mesh = t->problem.mesh;
  const PetscInt num  = t->num_points;
  double        *all, *at, size = 0.0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num, &t->point));
  PetscCall(PetscMalloc1(num, &t->local));
  PetscCall(PetscMalloc2(3 * num, &all, 3 * num, &at));
  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (PetscInt q = 0; q < OST_FACE_POINTS; q++)
      t->local[OST_FACE_POINTS * mesh->face_file[f] + q] = OST_FACE_POINTS * f + q;
  PetscCall(gather_points(first, 3 * sizeof(double), first->iface->place, all));
  PetscCall(gather_points(&t->problem, 3 * sizeof(double), t->problem.iface->place, at));
  for (PetscInt k = 0; k < num; k++) {
    turn_vector(t, t->length, &all[3 * k], &all[3 * k]);
    size = fmax(size, distance2(&all[3 * k], all));
  }
  for (PetscInt k = 0; k < num; k++) {
    PetscInt m = k;
    if (distance2(&at[3 * k], &all[3 * k]) > 1e-16 * size)
      for (m = 0; m < num && distance2(&at[3 * m], &all[3 * k]) > 1e-16 * size;) m++;
    OstAssert(m < num, "an interface point has no counterpart in its twin");
    t->point[k] = m;
  }
  PetscCall(PetscFree2(all, at));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What is fixed in the first; where axes turn, all of a node of which anything is. */
static PetscErrorCode fix(OstTwin *t, const OstProblem *first)
{
  const OstMesh *mesh = t->problem.mesh, *of_first = first->mesh;
  char          *all;
  PetscInt      *local;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * mesh->total_nodes, &all));
  PetscCall(PetscMalloc1(mesh->total_nodes, &local));
  PetscCall(gather(of_first->comm, of_first->num_owned, of_first->rows_node.global, 3, first->fixed,
                   mesh->total_nodes, all));
  for (PetscInt i = 0; i < mesh->num_nodes; i++) local[mesh->node_file[i]] = i;
  for (PetscInt i = 0; i < mesh->total_nodes; i++) {
    const char *f   = &all[3 * i];
    const char  any = f[0] | f[1] | f[2];
    for (int d = 0; d < 3; d++)
      t->problem.fixed[3 * local[t->node[i]] + d] = t->kind == TURNED ? any : f[d];
  }
  PetscCall(PetscFree(local));
  PetscCall(PetscFree(all));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode set_up(OstTwin *t, const OstProblem *first)
{
  PetscFunctionBeginUser;
  PetscCall(ost_problem_read(PETSC_COMM_SELF, &t->block, t->E, t->nu, &t->problem));
  OstAssert(t->problem.mesh->total_nodes == first->mesh->total_nodes &&
                t->problem.mesh->total_faces == first->mesh->total_faces,
            "the twin has another mesh");
  PetscCall(PetscFree(t->node));
  PetscCall(PetscFree(t->point));
  PetscCall(PetscFree(t->local));
  PetscCall(match_nodes(t));
  PetscCall(fix(t, first));
  PetscCall(ost_problem_set_up(t->law, &t->problem));
  t->num_points = t->problem.iface->num_points;
  PetscCall(match_points(t, first));
  if (t->num_laws)
    PetscCall(ost_iface_set_laws(t->problem.iface, t->num_laws, t->laws, t->face_law));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode kind_from_command_line(Kind *kind, PetscBool *given)
{
  char name[32] = "";

  PetscFunctionBeginUser;
  PetscCall(PetscOptionsGetString(NULL, NULL, "-twin", name, sizeof name, given));
  for (*kind = 0; *given && *kind < NUM_KINDS; (*kind)++)
    if (!strcmp(name, kinds[*kind].name)) break;
  PetscCheck(*kind < NUM_KINDS, PETSC_COMM_WORLD, PETSC_ERR_USER,
             "-twin %s: there is none of that name", name);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_twin_create(const OstBlock *block, const double E[OST_NUM_REGIONS],
                               const double nu[OST_NUM_REGIONS], const OstTractionLaw laws[2],
                               const OstProblem *first, OstTwin **out)
{
  Kind      kind = SERIAL;
  PetscBool given;
  OstTwin  *t;

  PetscFunctionBeginUser;
  *out = NULL;
  PetscCall(kind_from_command_line(&kind, &given));
  if (!given) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscNew(&t));
  t->kind     = kind;
  t->original = *block;
  t->block    = *block;
  t->length   = kinds[kind].length;
  t->stress   = kinds[kind].stress;
  t->sign     = kind == SWAPPED ? -1.0 : 1.0;
  if (kind == TURNED)
    set_turn(t->turn);
  else
    for (int d = 0; d < 3; d++) t->turn[d][d] = 1.0;
  t->block.map     = place;
  t->block.region  = region_of;
  t->block.surface = surface_of;
  t->block.context = t;
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    const int from = kind == SWAPPED ? swapped_region(r) : r;
    t->E[r]        = t->stress * E[from];
    t->nu[r]       = nu[from];
  }
  for (int k = 0; k < 2; k++) t->law[k] = law_in_units(laws[k], t->length, t->stress);
  PetscCall(set_up(t, first));
  *out = t;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_twin_destroy(OstTwin **twin)
{
  OstTwin *t = *twin;

  PetscFunctionBeginUser;
  if (!t) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "twin %s: %d states, newton %d krylov %d, differs in",
                        kinds[t->kind].name, (int)t->states, (int)t->problem.eq->count.newton,
                        (int)t->problem.eq->count.krylov));
  for (int k = 0; k < NUM_FIELDS; k++)
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, " %s %.1e%s", fields[k], t->worst[k],
                          k == NUM_FIELDS - 1 ? "\n" : ""));
  PetscCall(ost_problem_destroy(&t->problem));
  PetscCall(PetscFree(t->node));
  PetscCall(PetscFree(t->point));
  PetscCall(PetscFree(t->local));
  PetscCall(PetscFree(t->laws));
  PetscCall(PetscFree(t->face_law));
  PetscCall(PetscFree(t));
  *twin = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

OstProblem *ost_twin_problem(OstTwin *twin)
{
  return &twin->problem;
}

PetscErrorCode ost_twin_set_laws(OstTwin *t, const OstProblem *first, PetscInt num,
                                 const OstTractionLaw laws[], const PetscInt face_law[])
{
  const OstMesh *mesh = first->mesh;
  PetscInt      *all;

  PetscFunctionBeginUser;
  PetscCall(PetscFree(t->laws));
  PetscCall(PetscFree(t->face_law));
  PetscCall(PetscMalloc1(num, &t->laws));
  PetscCall(PetscMalloc1(mesh->total_faces, &t->face_law));
  PetscCall(PetscMalloc1(mesh->total_faces, &all));
  PetscCall(gather(mesh->comm, mesh->num_faces, mesh->face_file, sizeof *all, face_law,
                   mesh->total_faces, all));
  for (PetscInt f = 0; f < mesh->total_faces; f++)
    t->face_law[t->local[t->point[OST_FACE_POINTS * f]] / OST_FACE_POINTS] = all[f];
  for (PetscInt k = 0; k < num; k++)
    t->laws[k] = ost_mutate_law(law_in_units(laws[k], t->length, t->stress));
  t->num_laws = num;
  PetscCall(ost_iface_set_laws(t->problem.iface, num, t->laws, t->face_law));
  PetscCall(PetscFree(all));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- state by state -------------------------------------------------------------------------- */

/* All that the next step starts from, as a checkpoint keeps it. */
static PetscErrorCode copy_state(OstTwin *t, const OstProblem *first)
{
  OstIfacePoint *all;

  PetscFunctionBeginUser;
  PetscCall(vec_to_twin(t, first, 1.0, first->eq->u, t->problem.eq->u));
  PetscCall(vec_to_twin(t, first, 1.0, first->eq->load, t->problem.eq->load));
  t->problem.eq->fit = first->eq->fit;
  PetscCall(PetscMalloc1(t->num_points, &all));
  PetscCall(gather_points(first, sizeof *all, first->iface->point, all));
  for (PetscInt k = 0; k < t->num_points; k++)
    t->problem.iface->point[t->local[t->point[k]]] = all[k];
  PetscCall(PetscFree(all));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_twin_prepare(OstTwin *t, const OstProblem *first)
{
  double *fit;

  PetscFunctionBeginUser;
  if (t->kind == RESTART) {
    PetscCall(ost_problem_destroy(&t->problem));
    PetscCall(set_up(t, first));
    PetscCall(copy_state(t, first));
  }
  t->problem.eq->options           = first->eq->options;
  t->problem.iface->friction_scale = first->iface->friction_scale;
  PetscCall(PetscMalloc1(t->num_points, &fit));
  PetscCall(gather_points(first, sizeof *fit, first->iface->fit, fit));
  for (PetscInt k = 0; k < t->num_points; k++)
    t->problem.iface->fit[t->local[t->point[k]]] = t->length * fit[k];
  PetscCall(PetscFree(fit));
  if (t->kind == RESTART) PetscCall(ost_equilibrium_refresh(t->problem.eq));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Rows of three (or one) of the first against the twin's: `all` in the first's numbering, `of_twin`
   in the twin's, number[] from the one to the other. Sizes are the largest so far, since a body may
   come to rest again. */
static void compare(OstTwin *t, int field, PetscInt num, const PetscInt number[], double scale,
                    const double all[], const double of_twin[])
{
  double most = 0.0, off = 0.0;

  for (PetscInt k = 0; k < num; k++) {
    double wanted[3];
    turn_vector(t, scale, &all[3 * k], wanted);
    most = fmax(most, ost_norm3(wanted));
    off  = fmax(off, sqrt(distance2(wanted, &of_twin[3 * number[k]])));
  }
  t->most[field] = fmax(t->most[field], most);
  if (t->most[field] > 0.0) t->worst[field] = fmax(t->worst[field], off / t->most[field]);
}

/* Where nothing pulls or presses, what is left of forces is measured against those that the
   displacement would make. */
static PetscErrorCode size_without_forces(OstTwin *t, const OstProblem *first)
{
  PetscReal load, of_interface, u;

  PetscFunctionBeginUser;
  PetscCall(VecNorm(first->eq->load, NORM_2, &load));
  PetscCall(VecNorm(first->eq->force, NORM_2, &of_interface));
  if (load > 0.0 || of_interface > 0.0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(VecNorm(t->problem.eq->u, NORM_2, &u));
  t->most[FORCE] =
      fmax(t->most[FORCE], ost_linear_rounding(t->problem.lin, u) / PETSC_MACHINE_EPSILON);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode compare_nodes(OstTwin *t, const OstProblem *first)
{
  const PetscInt    num     = first->mesh->total_nodes;
  const double      force   = t->stress * t->length * t->length;
  const OstProblem *both[2] = {first, &t->problem};
  double           *u[2], *f[2];

  PetscFunctionBeginUser;
  for (int k = 0; k < 2; k++) {
    Vec r;
    PetscCall(PetscMalloc2(3 * num, &u[k], 3 * num, &f[k]));
    PetscCall(ost_problem_unbalanced(both[k], &r));
    PetscCall(gather_vec(both[k], both[k]->eq->u, u[k]));
    PetscCall(gather_vec(both[k], r, f[k]));
    PetscCall(VecDestroy(&r));
  }
  compare(t, DISPLACEMENT, num, t->node, t->length, u[0], u[1]);
  PetscCall(size_without_forces(t, first));
  compare(t, FORCE, num, t->node, force, f[0], f[1]);
  for (int k = 0; k < 2; k++) PetscCall(PetscFree2(u[k], f[k]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode compare_points(OstTwin *t, const OstProblem *first)
{
  const OstProblem *both[2] = {first, &t->problem};
  double           *jump[2], *traction[2];
  OstIfacePoint    *point[2];

  PetscFunctionBeginUser;
  for (int k = 0; k < 2; k++) {
    const OstProblem *p = both[k];
    double           *rows;
    PetscCall(PetscMalloc3(3 * t->num_points, &jump[k], 3 * t->num_points, &traction[k],
                           t->num_points, &point[k]));
    PetscCall(PetscMalloc1(3 * p->iface->num_points, &rows));
    for (PetscInt i = 0; i < p->iface->num_points; i++)
      for (int d = 0; d < 3; d++) rows[3 * i + d] = p->eq->answer[i].traction[d];
    PetscCall(gather_points(p, 3 * sizeof(double), rows, traction[k]));
    PetscCall(gather_points(p, 3 * sizeof(double), p->eq->jump, jump[k]));
    PetscCall(gather_points(p, sizeof **point, p->iface->point, point[k]));
    PetscCall(PetscFree(rows));
  }
  compare(t, JUMP, t->num_points, t->point, t->sign * t->length, jump[0], jump[1]);
  compare(t, TRACTION, t->num_points, t->point, t->sign * t->stress, traction[0], traction[1]);
  for (PetscInt i = 0; i < t->num_points; i++)
    t->worst[DAMAGE] =
        fmax(t->worst[DAMAGE], fabs(point[0][i].damage - point[1][t->point[i]].damage));
  for (int k = 0; k < 2; k++) PetscCall(PetscFree3(jump[k], traction[k], point[k]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_twin_follow(OstTwin *t, const OstProblem *first, double fit)
{
  OstProblem           *p     = &t->problem;
  const OstNewtonCount *count = &p->eq->count, *wanted = &first->eq->count;
  PetscBool             reached;
  PetscMPIInt           ranks;

  PetscFunctionBeginUser;
  PetscCall(vec_to_twin(t, first, t->stress * t->length * t->length, first->load, p->load));
  PetscCall(vec_to_twin(t, first, t->length, t->kind == TURNED ? first->eq->u : first->prescribed,
                        p->prescribed));
  PetscCall(ost_equilibrium_reach(p->eq, p->load, fit, p->prescribed, NULL, &reached));
  OstAssert(reached, "the twin finds no equilibrium: residual %g", (double)count->residual);
  t->states++;
  PetscCall(compare_nodes(t, first));
  PetscCall(compare_points(t, first));
  for (int k = 0; k < NUM_FIELDS; k++)
    OstAssert(t->worst[k] <= kinds[t->kind].bar,
              "the %s twin differs by %g in the %s of state %" PetscInt_FMT, kinds[t->kind].name,
              t->worst[k], fields[k], t->states);
  PetscCallMPI(MPI_Comm_size(first->mesh->comm, &ranks));
  /* 1000 is no power of two: the preconditioner's single precision rounds otherwise, and a solve
     that ends at its tolerance may take one iteration more or less */
  const PetscInt spare = t->kind == METRES ? 1 + wanted->krylov / 50 : 0;
  if ((t->kind == METRES || t->kind == BINARY) && ranks == 1)
    OstAssert(count->newton == wanted->newton && count->increments == wanted->increments &&
                  PetscAbsInt(count->krylov - wanted->krylov) <= spare,
              "in other units %" PetscInt_FMT " Newton and %" PetscInt_FMT
              " Krylov iterations, in mm %" PetscInt_FMT " and %" PetscInt_FMT,
              count->newton, count->krylov, wanted->newton, wanted->krylov);
  PetscFunctionReturn(PETSC_SUCCESS);
}
