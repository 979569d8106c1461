#include "meshes/mesh_options.h"

static const char *const algorithms[] = {"delaunay", "hxt"};

OstMeshOptions ost_mesh_options_default(void)
{
  OstMeshOptions options = {
      .size_interface = 3.0,
      .size_bone      = 5.0,
      .size_stem      = 5.0,
      .growth         = 1.4,
      .curved         = PETSC_TRUE,
      .algorithm      = OST_MESHER_DELAUNAY,
      .min_sicn       = 0.1,
      .min_wall       = 1.0,
      .threads        = 1,
      .where          = {"", 0},
  };
  return options;
}

PetscErrorCode ost_mesh_options_read(OstNode *root, OstDiagList *list, OstMeshOptions *options)
{
  const OstIntKey threads   = {"threads", 1, 1, 64};
  OstNode        *at        = NULL;
  PetscInt        algorithm = 0;

  PetscFunctionBeginUser;
  *options = ost_mesh_options_default();
  PetscCall(ost_value_section_or_defaults(root, "mesh", list, &at));
  options->where = at ? ost_node_where(at) : ost_node_where(root);
  {
    const OstRealKey keys[] = {
        {"size_interface", "mm", options->size_interface, 0.3, 20.0},
        {"size_bone", "mm", options->size_bone, 0.3, 30.0},
        {"size_stem", "mm", options->size_stem, 0.3, 30.0},
        {"growth", "1", options->growth, 1.05, 3.0},
        {"min_sicn", "1", options->min_sicn, 0.01, 0.5},
        {"min_wall", "mm", options->min_wall, 0.2, 10.0},
    };
    PetscReal *const values[] = {&options->size_interface, &options->size_bone, &options->size_stem,
                                 &options->growth,         &options->min_sicn,  &options->min_wall};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
      PetscCall(ost_value_real(at, &keys[i], list, values[i]));
    }
  }
  PetscCall(ost_value_bool(at, "curved", options->curved, list, &options->curved));
  PetscCall(ost_value_word(at, "algorithm", algorithms, 2, (PetscInt)options->algorithm, list,
                           &algorithm));
  options->algorithm = (OstMesherAlgorithm)algorithm;
  PetscCall(ost_value_int(at, &threads, list, &options->threads));
  if (options->size_bone < options->size_interface ||
      options->size_stem < options->size_interface) {
    PetscCall(ost_diag_error(list, options->where, "size_interface is the smallest of the three",
                             "size_bone %g and size_stem %g mm against size_interface %g mm",
                             (double)options->size_bone, (double)options->size_stem,
                             (double)options->size_interface));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
