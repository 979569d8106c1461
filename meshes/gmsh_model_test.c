/* Meshes of both routes against formulas: volumes, areas, groups, pairs at the interface. */
#include "meshes/gmsh_model.h"
#include "meshes/quality.h"

#include "support/check.h"

static OstMeshOptions coarse(void)
{
  OstMeshOptions options = ost_mesh_options_default();

  options.size_interface = 3.0;
  options.size_bone      = 6.0;
  options.size_stem      = 6.0;
  return options;
}

static OstImplant short_stem(void)
{
  OstImplant implant = ost_implant_default();

  implant.length          = 50.0;
  implant.diameter        = 16.0;
  implant.tip_rounding    = 8.0;
  implant.coated_to       = 30.0;
  implant.abutment_length = 20.0;
  return implant;
}

typedef struct {
  PetscInt v[3], tet;
} Face;

static int compare_faces(const void *p, const void *q)
{
  const Face *a = p, *b = q;

  for (int i = 0; i < 3; i++) {
    if (a->v[i] != b->v[i]) return a->v[i] < b->v[i] ? -1 : 1;
  }
  return (a->tet > b->tet) - (a->tet < b->tet);
}

static void sort3(PetscInt v[3])
{
  for (int i = 0; i < 3; i++) {
    for (int j = i + 1; j < 3; j++) {
      if (v[j] < v[i]) {
        const PetscInt keep = v[i];
        v[i]                = v[j];
        v[j]                = keep;
      }
    }
  }
}

/* Every interface triangle is shared by exactly one metal and one bone tetrahedron, and every such
   pair has its triangle; its normal points out of the metal. */
static PetscErrorCode check_interface(const OstTetMesh *m)
{
  static const int corners[4][3] = {{0, 1, 2}, {0, 1, 3}, {1, 2, 3}, {0, 2, 3}};
  const PetscInt   n             = 4 * m->num_tets;
  PetscInt         pairs = 0, triangles = 0, matched = 0, outward = 0;
  Face            *faces;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &faces));
  for (PetscInt i = 0; i < n; i++) {
    for (int a = 0; a < 3; a++) faces[i].v[a] = m->tet[10 * (i / 4) + corners[i % 4][a]];
    sort3(faces[i].v);
    faces[i].tet = i / 4;
  }
  qsort(faces, (size_t)n, sizeof(*faces), compare_faces);
  for (PetscInt i = 0; i + 1 < n; i++) {
    if (faces[i].v[0] != faces[i + 1].v[0] || faces[i].v[1] != faces[i + 1].v[1] ||
        faces[i].v[2] != faces[i + 1].v[2]) {
      continue;
    }
    pairs +=
        ost_part_is_metal(m->part[faces[i].tet]) != ost_part_is_metal(m->part[faces[i + 1].tet]);
  }
  for (PetscInt f = 0; f < m->num_faces; f++) {
    const PetscInt *v   = &m->face[6 * f];
    Face            key = {{v[0], v[1], v[2]}, -1};
    PetscInt        lo = 0, hi = n;
    if (m->skin[f] != OST_SKIN_COATED && m->skin[f] != OST_SKIN_SMOOTH) continue;
    triangles++;
    sort3(key.v);
    while (lo < hi) { /* the first face not less than the key */
      const PetscInt mid = (lo + hi) / 2;
      if (compare_faces(&faces[mid], &key) < 0)
        lo = mid + 1;
      else
        hi = mid;
    }
    if (lo + 1 < n && faces[lo].v[0] == key.v[0] && faces[lo + 1].v[2] == key.v[2]) {
      const PetscInt c0 = faces[lo].tet, c1 = faces[lo + 1].tet;
      const PetscInt metal = ost_part_is_metal(m->part[c0]) ? c0 : c1;
      PetscReal      u[3], w[3], d[3], c[3] = {0.0, 0.0, 0.0};
      matched += ost_part_is_metal(m->part[c0]) != ost_part_is_metal(m->part[c1]);
      for (int a = 0; a < 4; a++) {
        for (int k = 0; k < 3; k++) c[k] += 0.25 * m->x[3 * m->tet[10 * metal + a] + k];
      }
      for (int k = 0; k < 3; k++) {
        u[k] = m->x[3 * v[1] + k] - m->x[3 * v[0] + k];
        w[k] = m->x[3 * v[2] + k] - m->x[3 * v[0] + k];
        d[k] = m->x[3 * v[0] + k] - c[k];
      }
      outward += (u[1] * w[2] - u[2] * w[1]) * d[0] + (u[2] * w[0] - u[0] * w[2]) * d[1] +
                     (u[0] * w[1] - u[1] * w[0]) * d[2] >
                 0.0;
    }
  }
  OST_CHECK(triangles > 100);
  OST_CHECK_INT(pairs, triangles);
  OST_CHECK_INT(matched, triangles);
  OST_CHECK_INT(outward, triangles);
  PetscCall(PetscFree(faces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Jacobians at all nodes positive; mid-side nodes in the middle where nothing was curved. */
static void check_elements(const OstTetMesh *m, PetscBool straight)
{
  static const int edges[6][2] = {{0, 1}, {1, 2}, {0, 2}, {0, 3}, {2, 3}, {1, 3}};
  PetscReal        min = PETSC_MAX_REAL, bend = 0.0;

  for (PetscInt c = 0; c < m->num_tets; c++) {
    PetscReal x[10][3], J[3][3];
    for (int a = 0; a < 10; a++) {
      for (int k = 0; k < 3; k++) x[a][k] = m->x[3 * m->tet[10 * c + a] + k];
    }
    for (PetscInt p = 0; p < OST_TET_POINTS; p++) {
      ost_tet_mesh_jacobian((const PetscReal(*)[3])x, p, J);
      min = PetscMin(min, ost_tet_mesh_det((const PetscReal(*)[3])J));
    }
    for (int e = 0; e < 6; e++) {
      for (int k = 0; k < 3; k++) {
        bend = PetscMax(bend,
                        PetscAbsReal(x[4 + e][k] - 0.5 * (x[edges[e][0]][k] + x[edges[e][1]][k])));
      }
    }
  }
  OST_CHECK(min > 0.0);
  OST_CHECK(straight ? bend < 1e-12 : bend > 1e-3);
}

static PetscErrorCode tube_has_the_volumes_of_its_formulas(void)
{
  const PetscReal length  = 80.0;
  OstBone         bone    = ost_bone_tube(30.0, 12.0, length);
  OstImplant      implant = short_stem();
  OstMeshOptions  options = coarse();
  OstDiagList    *list;
  OstTetMesh      mesh;
  OstQuality      q;
  PetscReal       stem, area, bone_volume, neck;
  PetscInt        curved;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  ost_bone_place(&bone, &implant);
  PetscCall(ost_bone_check_stem(&bone, &implant, options.min_wall, list));
  PetscCall(ost_gmsh_mesh_parametric(&bone, &implant, &options, list, &mesh));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  PetscCall(ost_quality_measure(&mesh, &q));
  ost_implant_stem_measures(&implant, &stem, &area);
  bone_volume = PETSC_PI * 15.0 * 15.0 * length - stem;
  neck        = PETSC_PI * (11.0 * 11.0 - 8.0 * 8.0); /* the collar's bearing face */
  for (PetscInt s = 0; s < OST_NUM_SKINS; s++) OST_CHECK(q.faces[s] > 0);
  OST_CHECK(q.tets[OST_PART_CORTICAL] && q.tets[OST_PART_STEM] && q.tets[OST_PART_ABUTMENT]);
  /* Chords of 3 mm on a radius of 8 mm lose 1 - sin(a)/a = 2.3 % of the stem, 6 mm on 15 mm as much
     of the bone; what one loses the other gains at the interface. */
  OST_CHECK_NEAR(q.volume[OST_PART_STEM], stem, 0.024);
  OST_CHECK_NEAR((q.volume[OST_PART_CORTICAL] + q.volume[OST_PART_MARROW] +
                  q.volume[OST_PART_CANCELLOUS] + q.volume[OST_PART_STEM]) /
                     (bone_volume + stem),
                 1.0, 0.024);
  OST_CHECK_NEAR((q.area[OST_SKIN_COATED] + q.area[OST_SKIN_SMOOTH]) / (area + neck), 1.0, 0.01);
  OST_CHECK_NEAR(q.area[OST_SKIN_COATED] / (2.0 * PETSC_PI * 8.0 * 30.0), 1.0, 0.01);
  OST_CHECK_NEAR(q.area[OST_SKIN_RESECTION] / (PETSC_PI * (15.0 * 15.0 - 11.0 * 11.0)), 1.0, 0.04);
  OST_CHECK_NEAR(q.area[OST_SKIN_PROXIMAL] / (PETSC_PI * 15.0 * 15.0), 1.0, 0.03);
  OST_CHECK_NEAR(q.area[OST_SKIN_PERIOSTEUM] / (2.0 * PETSC_PI * 15.0 * length), 1.0, 0.01);
  OST_CHECK(q.min_sicn >= options.min_sicn);
  PetscCall(check_interface(&mesh));
  check_elements(&mesh, PETSC_TRUE);

  /* Curved: every mid-side node of the cylinder lies on it, and all elements stay sound. */
  PetscCall(ost_tet_mesh_curve(&mesh, &implant, &curved));
  OST_CHECK(curved > 200);
  check_elements(&mesh, PETSC_FALSE);
  for (PetscInt f = 0; f < mesh.num_faces; f++) {
    if (mesh.skin[f] != OST_SKIN_COATED) continue;
    for (int a = 0; a < 6; a++) {
      const PetscReal *x = &mesh.x[3 * mesh.face[6 * f + a]];
      OST_CHECK_NEAR(hypot(x[0], x[1]), 8.0, 1e-9);
    }
  }
  PetscCall(ost_tet_mesh_destroy(&mesh));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* With finer elements the volumes converge to the formulas: within 1 %. */
static PetscErrorCode finer_meshes_come_within_one_percent(void)
{
  OstBone        bone    = ost_bone_tube(30.0, 12.0, 80.0);
  OstImplant     implant = short_stem();
  OstMeshOptions options = coarse();
  OstDiagList   *list;
  OstTetMesh     mesh;
  OstQuality     q;
  PetscReal      stem, area, all = 0.0;

  PetscFunctionBeginUser;
  options.size_interface = 1.8;
  options.size_bone = options.size_stem = 3.0;
  PetscCall(ost_diag_create(&list));
  ost_bone_place(&bone, &implant);
  PetscCall(ost_gmsh_mesh_parametric(&bone, &implant, &options, list, &mesh));
  PetscCall(ost_quality_measure(&mesh, &q));
  ost_implant_stem_measures(&implant, &stem, &area);
  for (PetscInt p = 0; p < OST_PART_ABUTMENT; p++) all += q.volume[p];
  OST_CHECK_NEAR(q.volume[OST_PART_STEM] / stem, 1.0, 0.01);
  OST_CHECK_NEAR(all / (PETSC_PI * 15.0 * 15.0 * 80.0), 1.0, 0.01);
  OST_CHECK_NEAR(q.area[OST_SKIN_COATED] / (2.0 * PETSC_PI * 8.0 * 30.0), 1.0, 0.005);
  PetscCall(ost_tet_mesh_destroy(&mesh));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode the_same_input_gives_the_same_mesh(void)
{
  OstBone        bone    = ost_bone_tube(30.0, 12.0, 80.0);
  OstImplant     implant = short_stem();
  OstMeshOptions options = coarse();
  OstDiagList   *list;
  OstTetMesh     mesh[2];

  PetscFunctionBeginUser;
  options.size_interface = 4.0;
  PetscCall(ost_diag_create(&list));
  ost_bone_place(&bone, &implant);
  for (int i = 0; i < 2; i++) {
    PetscCall(ost_gmsh_mesh_parametric(&bone, &implant, &options, list, &mesh[i]));
  }
  OST_CHECK_INT(mesh[0].num_nodes, mesh[1].num_nodes);
  OST_CHECK_INT(mesh[0].num_tets, mesh[1].num_tets);
  if (mesh[0].num_nodes == mesh[1].num_nodes && mesh[0].num_tets == mesh[1].num_tets) {
    OST_CHECK(!memcmp(mesh[0].x, mesh[1].x, (size_t)mesh[0].num_nodes * 3 * sizeof(PetscReal)));
    OST_CHECK(!memcmp(mesh[0].tet, mesh[1].tet, (size_t)mesh[0].num_tets * 10 * sizeof(PetscInt)));
  }
  for (int i = 0; i < 2; i++) PetscCall(ost_tet_mesh_destroy(&mesh[i]));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A recessed screw: an empty bore of the stem's diameter around the abutment. */
static PetscErrorCode a_recessed_stem_leaves_an_empty_bore(void)
{
  OstBone        bone    = ost_bone_tube(30.0, 12.0, 80.0);
  OstImplant     implant = short_stem();
  OstMeshOptions options = coarse();
  OstDiagList   *list;
  OstTetMesh     mesh;
  PetscReal      stem, area, bone_volume = 0.0;

  PetscFunctionBeginUser;
  implant.recess            = 15.0;
  implant.length            = 40.0;
  implant.coated_to         = 40.0;
  implant.collar_diameter   = 0.0;
  implant.abutment_diameter = 10.0;
  implant.tip_rounding      = 2.0;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_implant_check(&implant, list));
  ost_bone_place(&bone, &implant);
  PetscCall(ost_gmsh_mesh_parametric(&bone, &implant, &options, list, &mesh));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  ost_implant_stem_measures(&implant, &stem, &area);
  for (PetscInt p = 0; p < OST_PART_STEM; p++) bone_volume += ost_tet_mesh_part_volume(&mesh, p);
  OST_CHECK_NEAR(bone_volume / (PETSC_PI * (15.0 * 15.0 * 80.0 - 8.0 * 8.0 * 15.0) - stem), 1.0,
                 0.025);
  /* A post of twelve sides has 4.5 % less area than the circle. */
  OST_CHECK_NEAR(ost_tet_mesh_part_volume(&mesh, OST_PART_ABUTMENT) / (PETSC_PI * 5.0 * 5.0 * 35.0),
                 1.0, 0.06);
  OST_CHECK_NEAR(ost_tet_mesh_skin_area(&mesh, OST_SKIN_COATED) / area, 1.0, 0.02);
  OST_CHECK_INT((PetscInt)ost_tet_mesh_skin_area(&mesh, OST_SKIN_SMOOTH), 0);
  PetscCall(check_interface(&mesh));
  PetscCall(ost_tet_mesh_destroy(&mesh));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A thread of rings: volumes and area as by formula, coat up to a crest's edge, cells as many as
   the case is told before, none worse than the bar; every flank in an interface group. */
static PetscErrorCode a_thread_is_meshed_as_rings(void)
{
  OstBone        bone    = ost_bone_tube(26.0, 12.0, 50.0);
  OstImplant     implant = short_stem();
  OstMeshOptions options = coarse();
  OstDiagList   *list;
  OstTetMesh     mesh;
  OstQuality     quality;
  PetscReal      stem, area, flanks = 0.0;

  PetscFunctionBeginUser;
  implant.kind            = OST_IMPLANT_SCREW;
  implant.thread_model    = OST_THREAD_RESOLVED;
  implant.thread_pitch    = 3.0;
  implant.thread_depth    = 1.5;
  implant.thread_flank    = 30.0;
  implant.length          = 20.0;
  implant.coated_to       = 9.0;
  implant.collar_diameter = 0.0;
  implant.tip_rounding    = 2.0;
  options.size_interface  = 1.5;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_implant_check(&implant, list));
  ost_bone_place(&bone, &implant);
  PetscCall(ost_gmsh_mesh_parametric(&bone, &implant, &options, list, &mesh));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(ost_implant_turns(&implant), 5);
  ost_implant_stem_measures(&implant, &stem, &area);
  PetscCall(ost_quality_measure(&mesh, &quality));
  const PetscReal coated = ost_tet_mesh_skin_area(&mesh, OST_SKIN_COATED);
  const PetscReal smooth = ost_tet_mesh_skin_area(&mesh, OST_SKIN_SMOOTH);
  for (PetscInt f = 0; f < mesh.num_faces; f++) {
    const PetscInt *v = &mesh.face[6 * f];
    PetscReal       z[3], r[3];
    if (mesh.skin[f] != OST_SKIN_COATED && mesh.skin[f] != OST_SKIN_SMOOTH) continue;
    for (int a = 0; a < 3; a++) {
      z[a] = mesh.x[3 * v[a] + 2];
      r[a] = hypot(mesh.x[3 * v[a]], mesh.x[3 * v[a] + 1]);
      if (z[a] < 18.0) OST_CHECK_NEAR(r[a], ost_implant_radius(&implant, z[a]), 1e-6);
    }
    if (PetscMax(r[0], PetscMax(r[1], r[2])) - PetscMin(r[0], PetscMin(r[1], r[2])) > 0.1)
      flanks += 1.0;
  }
  printf("rings: %d cells, sicn %g, stem %g of %g, area %g of %g, coated %g, faces on flanks %g\n",
         (int)mesh.num_tets, (double)quality.min_sicn,
         (double)ost_tet_mesh_part_volume(&mesh, OST_PART_STEM), (double)stem,
         (double)(coated + smooth), (double)area, (double)coated, (double)flanks);
  OST_CHECK_NEAR(ost_tet_mesh_part_volume(&mesh, OST_PART_STEM) / stem, 1.0, 0.03);
  OST_CHECK_NEAR((coated + smooth) / area, 1.0, 0.03);
  OST_CHECK(quality.min_sicn >= options.min_sicn);
  OST_CHECK(flanks > 100.0);
  PetscCall(check_interface(&mesh));
  PetscCall(ost_tet_mesh_destroy(&mesh));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* A conical closed shell with a flat bottom, from R to r over the length; flat or pointed top. */
static PetscErrorCode make_shell(PetscReal R, PetscReal r, PetscReal length, OstBoneShell *shell)
{
  enum { AROUND = 40, UP = 30 };
  PetscReal *x;
  PetscInt  *t, n = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * (AROUND * (UP + 1) + 2), &x));
  PetscCall(PetscMalloc1(3 * (2 * AROUND * UP + 2 * AROUND), &t));
  for (PetscInt j = 0; j <= UP; j++) {
    for (PetscInt i = 0; i < AROUND; i++) {
      const PetscReal a = 2.0 * PETSC_PI * (PetscReal)i / AROUND, s = (PetscReal)j / UP;
      PetscReal      *p = &x[3 * (j * AROUND + i)];
      p[0]              = (R + s * (r - R)) * PetscCosReal(a);
      p[1]              = (R + s * (r - R)) * PetscSinReal(a);
      p[2]              = s * length;
    }
  }
  shell->num_points = AROUND * (UP + 1) + 2;
  for (PetscInt k = 0; k < 2; k++) {
    PetscReal *p = &x[3 * (AROUND * (UP + 1) + k)];
    p[0] = p[1] = 0.0;
    p[2]        = k ? length : 0.0;
  }
  for (PetscInt j = 0; j <= UP; j++) {
    for (PetscInt i = 0; i < AROUND; i++) {
      const PetscInt a = j * AROUND + i, b = j * AROUND + (i + 1) % AROUND;
      const PetscInt up[6]  = {a, b, b + AROUND, a, b + AROUND, a + AROUND};
      const PetscInt low[3] = {AROUND * (UP + 1), b, a}, high[3] = {AROUND * (UP + 1) + 1, a, b};
      if (j < UP) {
        for (int k = 0; k < 6; k++) t[n++] = up[k];
      }
      if (j == 0) {
        for (int k = 0; k < 3; k++) t[n++] = low[k];
      }
      if (j == UP) {
        for (int k = 0; k < 3; k++) t[n++] = high[k];
      }
    }
  }
  shell->points        = x;
  shell->triangles     = t;
  shell->num_triangles = n / 3;
  shell->length        = length;
  shell->proximal_flat = PETSC_TRUE;
  shell->proximal_from = length;
  shell->side          = OST_SIDE_RIGHT;
  shell->where         = (OstWhere){"shell", 1};
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode free_shell(OstBoneShell *shell)
{
  void *x = (void *)(uintptr_t)shell->points, *t = (void *)(uintptr_t)shell->triangles;

  PetscFunctionBeginUser;
  PetscCall(PetscFree(x));
  PetscCall(PetscFree(t));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode a_shell_meshes_like_its_solid(void)
{
  OstImplant     implant = short_stem();
  OstMeshOptions options = coarse();
  OstDiagList   *list;
  OstBoneShell   shell;
  OstTetMesh     mesh;
  OstQuality     q;
  PetscReal      stem, area, solid;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(make_shell(14.0, 18.0, 80.0, &shell));
  PetscCall(ost_gmsh_shell_check_stem(&shell, &implant, options.min_wall, list));
  PetscCall(ost_gmsh_mesh_shell(&shell, &implant, &options, list, &mesh));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  PetscCall(ost_quality_measure(&mesh, &q));
  ost_implant_stem_measures(&implant, &stem, &area);
  solid = PETSC_PI * 80.0 / 3.0 * (14.0 * 14.0 + 14.0 * 18.0 + 18.0 * 18.0) - stem;
  for (PetscInt s = 0; s < OST_NUM_SKINS; s++) OST_CHECK(q.faces[s] > 0);
  OST_CHECK_NEAR(q.volume[OST_PART_BONE] / solid, 1.0, 0.03);
  OST_CHECK_NEAR(q.area[OST_SKIN_RESECTION] / (PETSC_PI * (14.0 * 14.0 - 11.0 * 11.0)), 1.0, 0.06);
  OST_CHECK_NEAR(q.area[OST_SKIN_PROXIMAL] / (PETSC_PI * 18.0 * 18.0), 1.0, 0.04);
  OST_CHECK_NEAR(q.area[OST_SKIN_COATED] / (2.0 * PETSC_PI * 8.0 * 30.0), 1.0, 0.01);
  OST_CHECK(q.min_sicn >= options.min_sicn);
  PetscCall(check_interface(&mesh));
  check_elements(&mesh, PETSC_TRUE);
  PetscCall(ost_tet_mesh_destroy(&mesh));

  /* A collar wider than the bone is trimmed, with a warning. */
  implant.collar_diameter = 30.0;
  PetscCall(ost_gmsh_mesh_shell(&shell, &implant, &options, list, &mesh));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(ost_diag_num_warnings(list), 1);
  OST_CHECK(ost_tet_mesh_skin_area(&mesh, OST_SKIN_RESECTION) > 10.0);
  PetscCall(ost_tet_mesh_destroy(&mesh));
  PetscCall(free_shell(&shell));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode a_stem_through_the_shell_is_refused(void)
{
  OstImplant   implant = short_stem();
  OstDiagList *list;
  OstBoneShell shell;
  PetscReal    wall, z, t;

  PetscFunctionBeginUser;
  /* Narrowing from 12 to 6 mm over 80: at z = 42, where the tip's rounding begins, 12 - 3.15 =
     8.85. */
  PetscCall(make_shell(12.0, 6.0, 80.0, &shell));
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_gmsh_shell_wall(&shell, &implant, &wall, &z, &t));
  OST_CHECK_NEAR(wall, 8.85 - 8.0, 0.05);
  OST_CHECK_NEAR(z, 42.0, 2.1);
  PetscCall(ost_gmsh_shell_check_stem(&shell, &implant, 1.0, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "less than min_wall");
  PetscCall(ost_diag_destroy(&list));

  implant.diameter     = 20.0;
  implant.tip_rounding = 10.0;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_gmsh_shell_check_stem(&shell, &implant, 1.0, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "pierces the cortex by 1.0");
  PetscCall(ost_diag_destroy(&list));

  implant.length = 90.0;
  PetscCall(ost_diag_create(&list));
  PetscCall(ost_gmsh_shell_check_stem(&shell, &implant, 1.0, list));
  OST_CHECK_INT(ost_diag_num_errors(list), 1);
  OST_CHECK_TEXT(ost_diag_get(list, 0).message, "longer than the limb");
  PetscCall(ost_diag_destroy(&list));
  PetscCall(free_shell(&shell));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Written and read again through the door for users' meshes: the same mesh comes back. */
static PetscErrorCode a_file_comes_back_as_it_was(void)
{
  OstBone        bone    = ost_bone_tube(30.0, 12.0, 80.0);
  OstImplant     implant = short_stem();
  OstMeshOptions options = coarse();
  const char    *path    = "gmsh_model_test.part.msh";
  OstDiagList   *list;
  OstTetMesh     mesh, back;

  PetscFunctionBeginUser;
  options.size_interface = 4.0;
  PetscCall(ost_diag_create(&list));
  ost_bone_place(&bone, &implant);
  PetscCall(ost_gmsh_mesh_parametric(&bone, &implant, &options, list, &mesh));
  PetscCall(ost_gmsh_write(&mesh, path));
  PetscCall(ost_gmsh_read(path, (OstWhere){"case", 1}, list, &back));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(back.num_nodes, mesh.num_nodes);
  OST_CHECK_INT(back.num_faces, mesh.num_faces);
  for (PetscInt p = 0; p < OST_NUM_PARTS; p++) {
    OST_CHECK_NEAR(ost_tet_mesh_part_volume(&back, p), ost_tet_mesh_part_volume(&mesh, p), 1e-9);
  }
  for (PetscInt s = 0; s < OST_NUM_SKINS; s++) {
    OST_CHECK_NEAR(ost_tet_mesh_skin_area(&back, s), ost_tet_mesh_skin_area(&mesh, s), 1e-9);
  }
  (void)remove(path);
  PetscCall(ost_tet_mesh_destroy(&mesh));
  PetscCall(ost_tet_mesh_destroy(&back));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  OstMeshOptions options = coarse();

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(ost_gmsh_begin(&options));
  PetscCall(tube_has_the_volumes_of_its_formulas());
  PetscCall(finer_meshes_come_within_one_percent());
  PetscCall(the_same_input_gives_the_same_mesh());
  PetscCall(a_recessed_stem_leaves_an_empty_bore());
  PetscCall(a_thread_is_meshed_as_rings());
  PetscCall(a_shell_meshes_like_its_solid());
  PetscCall(a_stem_through_the_shell_is_refused());
  PetscCall(a_file_comes_back_as_it_was());
  PetscCall(ost_gmsh_end());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
