#include "analysis/model.h"

#include "analysis/reference.h"
#include "analysis/shaft_axis.h"
#include "base/gather.h"
#include "base/tensor.h"
#include "fem/element.h"
#include "input/quantity.h"

OstDayOptions ost_day_options_default(void)
{
  return (OstDayOptions){.max_cycles = 3, .settled = 0.05, .output_every = OST_MONTH};
}

PetscErrorCode ost_model_find_axis(OstModel *model, PetscBool *found)
{
  PetscFunctionBeginUser;
  *found = PETSC_TRUE;
  if (model->material.anisotropy.type == OST_ISOTROPIC) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(3 * model->mesh->num_cells, &model->axis));
  PetscCall(ost_shaft_axis_find(model->mesh, model->axis, found));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_model_elastic(const OstModel *model, const PetscReal rho[], OstElastic elastic[])
{
  for (PetscInt c = 0; c < model->mesh->num_cells; c++)
    elastic[c] = ost_material_elastic(&model->material, (OstRegion)model->mesh->region[c], rho[c],
                                      model->axis ? &model->axis[3 * c] : NULL);
}

PetscErrorCode ost_model_density_range(const OstModel *model, const PetscReal rho[],
                                       OstDensityRange *range)
{
  const OstMesh *mesh = model->mesh;

  PetscFunctionBeginUser;
  *range = ost_density_range_empty();
  for (PetscInt c = 0; c < mesh->num_cells; c++)
    if (ost_region_is_bone(mesh->region[c]))
      ost_density_range_add(range, &model->material.law, rho[c], model->volume[c]);
  PetscReal sums[3]     = {range->volume, range->below, range->above};
  PetscReal extremes[2] = {-range->least, range->most};
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sums, 3, MPIU_REAL, MPIU_SUM, mesh->comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, extremes, 2, MPIU_REAL, MPIU_MAX, mesh->comm));
  *range = (OstDensityRange){.volume = sums[0],
                             .below  = sums[1],
                             .above  = sums[2],
                             .least  = -extremes[0],
                             .most   = extremes[1]};
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_model_density_from_field(const OstMesh *mesh, const OstDensityLaw *law,
                                  OstDensityAt sample, void *context, PetscReal rho[])
{
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal E = 0.0;
    if (mesh->region[c] != OST_BONE) continue;
    for (PetscInt q = 0; q < ost_tet_rule14.num; q++) {
      PetscReal N[OST_TET_NODES], x[3] = {0, 0, 0};
      ost_tet10_shape(&ost_tet_rule14.point[4 * q], N);
      for (int a = 0; a < 10; a++)
        for (int i = 0; i < 3; i++) x[i] += N[a] * mesh->x[3 * mesh->cells[10 * c + a] + i];
      E += ost_tet_rule14.weight[q] * ost_density_law_modulus(law, sample(x, context));
    }
    rho[c] = ost_density_law_density(law, E);
  }
}

PetscErrorCode ost_model_reduce_zones(const OstModel *model, OstZoneSum *sum)
{
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum->value, OST_NUM_ZONES, MPIU_REAL, MPIU_SUM,
                             model->mesh->comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum->weight, OST_NUM_ZONES, MPIU_REAL, MPIU_SUM,
                             model->mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- derived geometry ------------------------------------------------------------------------- */

/* The facets on which the prosthesis acts and those that are held. */
static PetscErrorCode find_facets(OstModel *model)
{
  const OstFacetChoice end = ost_facets_of_group(OST_ABUTMENT_END);
  OstFacetChoice       top = ost_facets_of_group(OST_PROXIMAL);
  PetscReal            area;

  PetscFunctionBeginUser;
  if (model->support.patch[0])
    top = model->patches.patch[ost_patches_find(&model->patches, model->support.patch)].choice;
  PetscCall(ost_facets_choose(model->mesh, &end, &model->abutment));
  PetscCall(ost_facets_choose(model->mesh, &top, &model->held));
  PetscCall(ost_facets_measure(model->mesh, &model->held, &area, model->held_at));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode find_fixed(OstModel *model)
{
  PetscFunctionBeginUser;
  if (model->support.type == OST_SUPPORT_CLAMP)
    PetscCall(ost_facets_clamp(model->mesh, &model->held, &model->fixed));
  else
    PetscCall(PetscCalloc1(3 * model->mesh->num_nodes, &model->fixed));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_model_create_linear(const OstModel *model, OstLinear **lin)
{
  const OstSupport *support = &model->support;

  PetscFunctionBeginUser;
  PetscCall(ost_linear_create(model->mesh, model->fixed, &model->linear, lin));
  if (support->type == OST_SUPPORT_FOUNDATION)
    PetscCall(ost_linear_set_foundation(*lin, &model->held, support->normal, support->shear));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_model_load(const OstModel *model, const OstLoad *load, Vec forces)
{
  const OstLoadPlaces places = {.mesh     = model->mesh,
                                .abutment = &model->abutment,
                                .point    = {0.0, 0.0, -model->load_point},
                                .patches  = &model->patches};

  PetscFunctionBeginUser;
  PetscCall(ost_load_assemble(&places, load, forces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Signed inverse condition number of the corner tetrahedron against the regular one, as Gmsh has
   it: 3 / (|W| |W^-1|), W the map from the regular tetrahedron. */
static PetscReal corner_sicn(const PetscReal x[4][3])
{
  /* inverse of the edge matrix of the regular tetrahedron of edge 1 */
  const PetscReal inv[3][3] = {{1.0, -1.0 / PetscSqrtReal(3.0), -1.0 / PetscSqrtReal(6.0)},
                               {0.0, 2.0 / PetscSqrtReal(3.0), -1.0 / PetscSqrtReal(6.0)},
                               {0.0, 0.0, PetscSqrtReal(1.5)}};
  PetscReal       W[3][3], cofactor[3][3], det, norm = 0.0, norm_inverse = 0.0;

  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) {
      W[i][k] = 0.0;
      for (int e = 0; e < 3; e++) W[i][k] += (x[e + 1][i] - x[0][i]) * inv[e][k];
    }
  ost_cross3(W[1], W[2], cofactor[0]);
  ost_cross3(W[2], W[0], cofactor[1]);
  ost_cross3(W[0], W[1], cofactor[2]);
  det = ost_dot3(W[0], cofactor[0]);
  for (int i = 0; i < 3; i++) {
    norm += ost_dot3(W[i], W[i]);
    norm_inverse += ost_dot3(cofactor[i], cofactor[i]);
  }
  return norm_inverse > 0.0 ? 3.0 * det / PetscSqrtReal(norm * norm_inverse) : 0.0;
}

static PetscErrorCode derive_cells(OstModel *model)
{
  const OstMesh  *mesh = model->mesh;
  const PetscReal tip = model->zones.tip, radius = 0.5 * model->zones.diameter;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &model->volume));
  PetscCall(PetscMalloc1(3 * mesh->num_cells, &model->centroid));
  PetscCall(PetscMalloc1(mesh->num_cells, &model->sicn));
  PetscCall(PetscMalloc1(mesh->num_cells, &model->cell_zone));
  PetscCall(PetscMalloc1(mesh->num_cells, &model->stem_distance));
  PetscCall(PetscCalloc1(mesh->num_cells, &model->reference));
  ost_mesh_cell_volumes(mesh, model->volume);
  ost_mesh_cell_centroids(mesh, model->centroid);
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    const PetscReal *x       = &model->centroid[3 * c],
                    off_axis = PetscSqrtReal(x[0] * x[0] + x[1] * x[1]);
    PetscReal corner[4][3];
    for (int a = 0; a < 4; a++)
      for (int i = 0; i < 3; i++) corner[a][i] = mesh->x[3 * mesh->cells[10 * c + a] + i];
    model->sicn[c]      = corner_sicn((const PetscReal(*)[3])corner);
    model->cell_zone[c] = ost_region_is_bone(mesh->region[c]) ? ost_zone_of(&model->zones, x) : 0;
    /* the stem as a cylinder; its rounded tip makes less than half a radius of difference */
    const PetscReal beside = PetscMax(off_axis - radius, 0.0), beyond = PetscMax(x[2] - tip, 0.0);
    model->stem_distance[c] = PetscSqrtReal(beside * beside + beyond * beyond);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_model_create_iface(const OstModel *model, OstIface **out)
{
  const OstFinish *finish = model->iface.finish;
  OstTractionLaw  *laws;
  OstIface        *iface;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(model->iface.num_finishes, &laws));
  for (PetscInt k = 0; k < model->iface.num_finishes; k++) laws[k] = finish[k].law;
  PetscCall(ost_iface_create(model->mesh, laws, &iface));
  PetscCall(ost_iface_set_laws(iface, model->iface.num_finishes, laws, model->face_finish));
  PetscCall(PetscFree(laws));
  ost_outline_lead(&model->outline, iface);
  PetscCall(ost_iface_set_thread(iface, &model->iface.thread, (const PetscReal[3]){0.0, 0.0, 1.0}));
  for (PetscInt p = 0; p < iface->num_points; p++) {
    const OstFinish *here = &finish[model->face_finish[p / OST_FACE_POINTS]];
    iface->fit[p] = ost_fit_gap(&model->iface.fit, 0.5 * here->interference, &iface->place[3 * p],
                                &iface->normal[3 * p]);
  }
  *out = iface;
  PetscFunctionReturn(PETSC_SUCCESS);
}

const OstMature *ost_model_mature(const OstModel *model, PetscInt point)
{
  return &model->growth[model->face_finish[point / OST_FACE_POINTS]];
}

static PetscErrorCode derive_growth(OstModel *model)
{
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(model->iface.num_finishes, &model->growth));
  for (PetscInt k = 0; k < model->iface.num_finishes; k++) {
    const OstGrowth *own           = &model->iface.finish[k].growth;
    model->growth[k]               = model->mature;
    model->growth[k].bond_max      = own->bond_max;
    model->growth[k].bond_time     = own->bond_time;
    model->growth[k].strength_time = own->strength_time;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode derive_interface(OstModel *model)
{
  const OstMesh *mesh = model->mesh;
  OstIface      *iface;

  PetscFunctionBeginUser;
  PetscCall(ost_model_create_iface(model, &model->iface_geometry));
  iface = model->iface_geometry;
  PetscCall(PetscMalloc1(mesh->num_faces, &model->face_zone));
  PetscCall(PetscMalloc1(iface->num_points, &model->point_angle));
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    PetscReal centre[3] = {0, 0, 0};
    for (int q = 0; q < OST_FACE_POINTS; q++) {
      const PetscReal *x = &iface->place[3 * (OST_FACE_POINTS * f + q)];
      for (int i = 0; i < 3; i++) centre[i] += x[i] / OST_FACE_POINTS;
      model->point_angle[OST_FACE_POINTS * f + q] = 180.0 / PETSC_PI * atan2(x[1], x[0]);
    }
    /* the tip's own faces count with the bone beyond it */
    model->face_zone[f] = ost_zone_of(&model->zones, centre);
    if (!model->face_zone[f]) model->face_zone[f] = 4;
  }
  model->fixed_fields = (OstStaticFields){.volume    = model->volume,
                                          .sicn      = model->sicn,
                                          .axis      = model->axis,
                                          .place     = iface->place,
                                          .area      = iface->area,
                                          .angle_deg = model->point_angle,
                                          .face_zone = model->face_zone,
                                          .surface   = model->face_finish,
                                          .gap       = iface->fit};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Cells of all ranks, in file order, to rank 0, and who touches whom. */
static PetscErrorCode gather_graph(OstModel *model)
{
  const OstMesh *mesh = model->mesh;
  PetscReal     *mine, *all;
  PetscInt      *cells, num;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(5 * mesh->num_cells, &mine));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    mine[5 * c] = mesh->cell_file[c];
    for (int a = 0; a < 4; a++) mine[5 * c + 1 + a] = mesh->node_file[mesh->cells[10 * c + a]];
  }
  PetscCall(ost_gather_rows(mesh->comm, 5, mesh->num_cells, mine, &num, &all));
  if (all) {
    PetscCall(PetscMalloc1(4 * num, &cells));
    for (PetscInt c = 0; c < num; c++)
      for (int a = 0; a < 4; a++)
        cells[4 * (PetscInt)all[5 * c] + a] = (PetscInt)all[5 * c + 1 + a];
    PetscCall(ost_adjacency_create(num, 4, cells, &model->graph));
    PetscCall(PetscFree(cells));
  }
  PetscCall(PetscFree(all));
  PetscCall(PetscFree(mine));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* --- the whole ------------------------------------------------------------------------------- */

PetscErrorCode ost_model_complete(OstModel *model, PetscBool *reached)
{
  const OstMesh *mesh = model->mesh;

  PetscFunctionBeginUser;
  PetscCall(find_facets(model));
  PetscCall(find_fixed(model));
  PetscCall(derive_cells(model));
  PetscCall(derive_growth(model));
  PetscCall(derive_interface(model));
  PetscCall(gather_graph(model));
  if (model->remodel.smoothing > 0.0)
    PetscCall(ost_smoother_create(mesh, model->remodel.smoothing, &model->smoother));
  PetscCall(ost_reference_find(model, reached));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_model_destroy(OstModel *model)
{
  PetscFunctionBeginUser;
  PetscCall(ost_facets_free(&model->abutment));
  PetscCall(ost_facets_free(&model->held));
  PetscCall(PetscFree(model->fixed));
  PetscCall(PetscFree(model->volume));
  PetscCall(PetscFree(model->centroid));
  PetscCall(PetscFree(model->sicn));
  PetscCall(PetscFree(model->cell_zone));
  PetscCall(PetscFree(model->stem_distance));
  PetscCall(PetscFree(model->axis));
  PetscCall(PetscFree(model->growth));
  PetscCall(PetscFree(model->reference));
  PetscCall(ost_smoother_destroy(&model->smoother));
  PetscCall(PetscFree(model->face_zone));
  PetscCall(PetscFree(model->point_angle));
  PetscCall(PetscFree(model->rho_start));
  PetscCall(ost_outline_destroy(&model->outline));
  PetscCall(PetscFree(model->face_finish));
  PetscCall(ost_iface_options_destroy(&model->iface));
  PetscCall(ost_adjacency_destroy(&model->graph));
  PetscCall(ost_iface_destroy(&model->iface_geometry));
  PetscCall(ost_schedule_destroy(&model->schedule));
  PetscCall(ost_fall_destroy(&model->falls));
  PetscCall(ost_patches_destroy(&model->patches));
  PetscCall(ost_mesh_destroy(&model->mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}
