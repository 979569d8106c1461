#include "interface/iface.h"

#include "base/log.h"
#include "base/tensor.h"
#include "fem/element.h"

PetscErrorCode ost_iface_create(const OstMesh *mesh, const OstTractionLaw laws[2], OstIface **out)
{
  OstIface *iface;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&iface));
  iface->mesh           = mesh;
  iface->num_points     = OST_FACE_POINTS * mesh->num_faces;
  iface->friction_scale = 1.0;
  PetscCall(ost_iface_set_laws(iface, 2, laws, mesh->coated));
  PetscCall(PetscMalloc1(3 * iface->num_points, &iface->normal));
  PetscCall(PetscCalloc1(3 * iface->num_points, &iface->place));
  PetscCall(PetscMalloc1(iface->num_points, &iface->area));
  PetscCall(PetscCalloc1(iface->num_points, &iface->fit));
  PetscCall(PetscCalloc1(iface->num_points, &iface->point));
  PetscCall(PetscCalloc1(iface->num_points, &iface->calm));
  PetscCall(PetscCalloc1(3 * iface->num_points, &iface->anchor));
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    PetscReal x[18];
    for (int a = 0; a < 6; a++)
      for (int i = 0; i < 3; i++) x[3 * a + i] = mesh->x[3 * mesh->faces[12 * f + a] + i];
    for (int q = 0; q < OST_FACE_POINTS; q++) {
      const PetscInt   p = OST_FACE_POINTS * f + q;
      const PetscReal *b = &ost_tri_rule6.point[3 * q];
      PetscReal        N[6];
      iface->area[p] = ost_tri_rule6.weight[q] * ost_tri6_normal(x, b, &iface->normal[3 * p]);
      ost_tri6_shape(b, N);
      for (int a = 0; a < 6; a++)
        for (int i = 0; i < 3; i++) iface->place[3 * p + i] += N[a] * x[3 * a + i];
      iface->total_area += iface->area[p];
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &iface->total_area, 1, MPIU_REAL, MPIU_SUM, mesh->comm));
  *out = iface;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_iface_destroy(OstIface **iface)
{
  PetscFunctionBeginUser;
  if (!*iface) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree((*iface)->law));
  PetscCall(PetscFree((*iface)->face_law));
  PetscCall(PetscFree((*iface)->normal));
  PetscCall(PetscFree((*iface)->place));
  PetscCall(PetscFree((*iface)->area));
  PetscCall(PetscFree((*iface)->fit));
  PetscCall(PetscFree((*iface)->point));
  PetscCall(PetscFree((*iface)->calm));
  PetscCall(PetscFree((*iface)->anchor));
  PetscCall(PetscFree((*iface)->across));
  PetscCall(PetscFree((*iface)->bone_behind));
  PetscCall(PetscFree(*iface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_iface_set_laws(OstIface *iface, PetscInt num, const OstTractionLaw laws[],
                                  const PetscInt face_law[])
{
  const PetscInt num_faces = iface->mesh->num_faces;

  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < num_faces; f++)
    OstAssert(face_law[f] >= 0 && face_law[f] < num, "face without a law");
  PetscCall(PetscFree(iface->law));
  PetscCall(PetscFree(iface->face_law));
  PetscCall(PetscMalloc1(num, &iface->law));
  PetscCall(PetscMalloc1(num_faces, &iface->face_law));
  PetscCall(PetscArraycpy(iface->law, laws, num));
  PetscCall(PetscArraycpy(iface->face_law, face_law, num_faces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* The law at a point. */
static const OstTractionLaw *law_at(const OstIface *iface, PetscInt p)
{
  return &iface->law[iface->face_law[p / OST_FACE_POINTS]];
}

PetscErrorCode ost_iface_set_thread(OstIface *iface, const OstThread *thread,
                                    const PetscReal axis[3])
{
  PetscFunctionBeginUser;
  iface->thread = *thread;
  PetscCall(PetscFree(iface->across));
  PetscCall(PetscFree(iface->bone_behind));
  if (thread->pitch <= 0.0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(3 * iface->num_points, &iface->across));
  PetscCall(PetscMalloc1(iface->mesh->num_faces, &iface->bone_behind));
  for (PetscInt f = 0; f < iface->mesh->num_faces; f++) iface->bone_behind[f] = thread->young;
  for (PetscInt p = 0; p < iface->num_points; p++)
    ost_thread_across(thread, axis, &iface->normal[3 * p], &iface->across[3 * p]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_iface_set_bone(OstIface *iface, const OstElastic elastic[])
{
  PetscReal *young;

  PetscFunctionBeginUser;
  if (iface->thread.pitch <= 0.0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(iface->mesh->num_cells, &young));
  for (PetscInt c = 0; c < iface->mesh->num_cells; c++) young[c] = elastic[c].E;
  ost_mesh_cells_to_faces(iface->mesh, young, iface->bone_behind);
  PetscCall(PetscFree(young));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_iface_jumps(const OstIface *iface, const PetscReal u[], PetscReal jump[])
{
  const OstMesh *mesh = iface->mesh;

  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (int q = 0; q < OST_FACE_POINTS; q++) {
      PetscReal *j = &jump[3 * (OST_FACE_POINTS * f + q)], N[6];
      ost_tri6_shape(&ost_tri_rule6.point[3 * q], N);
      for (int i = 0; i < 3; i++) j[i] = 0.0;
      for (int a = 0; a < 6; a++)
        for (int i = 0; i < 3; i++)
          j[i] +=
              N[a] * (u[3 * mesh->faces[12 * f + a] + i] - u[3 * mesh->faces[12 * f + 6 + a] + i]);
    }
}

static void add_drag(const OstIface *iface, PetscInt p, const PetscReal jump[],
                     OstIfaceAnswer *answer)
{
  for (int i = 0; i < 3; i++) {
    answer->traction[i] += iface->drag * (jump[3 * p + i] - iface->anchor[3 * p + i]);
    answer->tangent[4 * i] += iface->drag;
  }
}

void ost_iface_answers(const OstIface *iface, const PetscReal jump[], OstIfaceAnswer answers[])
{
  for (PetscInt p = 0; p < iface->num_points; p++) {
    OstTractionLaw law = *law_at(iface, p);
    law.friction *= iface->friction_scale;
    law.unbroken *= iface->friction_scale;
    const OstTangent tangent = iface->calm[p] ? OST_SECANT : OST_CONSISTENT;
    if (iface->thread.pitch > 0.0) {
      const OstThread here =
          ost_thread_in_bone(&iface->thread, iface->bone_behind[p / OST_FACE_POINTS]);
      ost_threaded_traction(&law, &here, &iface->point[p], &iface->normal[3 * p],
                            &iface->across[3 * p], &jump[3 * p], tangent, &answers[p]);
    } else
      ost_traction(&law, &iface->point[p], &iface->normal[3 * p], &jump[3 * p], tangent,
                   &answers[p]);
    if (iface->drag > 0.0) add_drag(iface, p, jump, &answers[p]);
  }
}

OstPointHold ost_iface_point_hold(const OstIface *iface, PetscInt p, const OstIfaceAnswer *answer,
                                  const PetscReal jump[3])
{
  const OstTractionLaw *law  = law_at(iface, p);
  const OstIfacePoint  *at   = &iface->point[p];
  OstPointHold          hold = {.friction = answer->next.loose * answer->next.limit,
                                .bond     = ost_bond_shear_hold(law, at)};

  if (iface->thread.pitch > 0.0 && ost_norm3(&iface->across[3 * p]) > 0.0) {
    const OstThread here =
        ost_thread_in_bone(&iface->thread, iface->bone_behind[p / OST_FACE_POINTS]);
    const PetscReal flank   = ost_thread_flank_area(&here);
    const PetscReal area[3] = {ost_thread_flat_share(&here), flank, flank};
    const PetscReal opening = ost_dot3(jump, &iface->normal[3 * p]) + at->gap0;
    hold.friction           = 0.0;
    for (int k = 0; k < 3; k++) {
      const OstPlanePoint *plane = &answer->next.thread.plane[k];
      hold.friction += area[k] * plane->loose * plane->limit;
    }
    hold.teeth = ost_thread_hold(&here, law->normal_stiffness, at->thread.tooth) *
                 ost_thread_overlap(&here, opening).share;
  }
  return hold;
}

void ost_iface_add_forces(const OstIface *iface, const OstIfaceAnswer answers[], PetscReal force[])
{
  const OstMesh *mesh = iface->mesh;

  for (PetscInt f = 0; f < mesh->num_faces; f++)
    for (int q = 0; q < OST_FACE_POINTS; q++) {
      const PetscInt p = OST_FACE_POINTS * f + q;
      PetscReal      N[6];
      ost_tri6_shape(&ost_tri_rule6.point[3 * q], N);
      for (int a = 0; a < 6; a++)
        for (int i = 0; i < 3; i++) {
          const PetscReal share = iface->area[p] * N[a] * answers[p].traction[i];
          force[3 * mesh->faces[12 * f + a] + i] += share;
          force[3 * mesh->faces[12 * f + 6 + a] + i] -= share;
        }
    }
}

static PetscErrorCode all_symmetric(const OstIface *iface, const OstIfaceAnswer answers[],
                                    PetscBool *symmetric)
{
  int all = 1;

  PetscFunctionBeginUser;
  for (PetscInt p = 0; p < iface->num_points; p++) all = all && answers[p].symmetric;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, iface->mesh->comm));
  *symmetric = all ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* What a point gives to the P1 level: the tangent, but regular although the point slides. */
static void coarse_tangent(const OstIface *iface, PetscInt p, const OstIfaceAnswer *answer,
                           PetscReal T[9])
{
  const PetscReal *n     = &iface->normal[3 * p];
  const PetscReal  floor = OST_SLIDING_FLOOR * law_at(iface, p)->shear_stiffness;

  for (int i = 0; i < 9; i++) T[i] = answer->tangent[i];
  if (answer->state != OST_SLIP) return;
  for (int i = 0; i < 3; i++) {
    T[4 * i] += floor;
    for (int k = 0; k < 3; k++) T[3 * i + k] -= floor * n[i] * n[k];
  }
}

PetscErrorCode ost_iface_set_tangent(const OstIface *iface, const OstIfaceAnswer answers[],
                                     OstLinear *lin, PetscBool *symmetric)
{
  PetscFunctionBeginUser;
  PetscCall(all_symmetric(iface, answers, symmetric));
  PetscCall(ost_linear_begin_tangent(lin, *symmetric));
  for (PetscInt f = 0; f < iface->mesh->num_faces; f++) {
    PetscReal K2[6 * 6 * 9] = {0}, K1[3 * 3 * 9] = {0};
    for (int q = 0; q < OST_FACE_POINTS; q++) {
      const PetscInt        p      = OST_FACE_POINTS * f + q;
      const OstIfaceAnswer *answer = &answers[p];
      const PetscReal      *b      = &ost_tri_rule6.point[3 * q]; /* = the P1 shape functions */
      PetscReal             N[6], coarse[9];
      ost_tri6_shape(b, N);
      coarse_tangent(iface, p, answer, coarse);
      for (int r = 0; r < 6; r++)
        for (int c = 0; c < 6; c++)
          for (int k = 0; k < 9; k++)
            K2[9 * (6 * r + c) + k] += iface->area[p] * N[r] * N[c] * answer->tangent[k];
      for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
          for (int k = 0; k < 9; k++)
            K1[9 * (3 * r + c) + k] += iface->area[p] * b[r] * b[c] * coarse[k];
    }
    PetscCall(ost_linear_add_face(lin, f, K2, K1));
  }
  PetscCall(ost_linear_end_tangent(lin));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void ost_iface_accept(OstIface *iface, const OstIfaceAnswer answers[])
{
  for (PetscInt p = 0; p < iface->num_points; p++) iface->point[p] = answers[p].next;
}

void ost_iface_rebase(OstIface *iface, const OstIfaceAnswer answers[])
{
  for (PetscInt p = 0; p < iface->num_points; p++) {
    const OstIfacePoint *now = &answers[p].next;
    iface->point[p].loose    = now->loose;
    iface->point[p].limit    = now->limit;
    iface->point[p].held     = now->held;
    iface->point[p].release  = now->release;
    ost_threaded_rebase(&iface->point[p].thread, &now->thread);
  }
}
