#include "base/groups.h"

static const char *const region_names[]  = {"cortical", "cancellous", "marrow",
                                            "bone",     "stem",       "abutment"};
static const char *const surface_names[] = {"interface_coated", "interface_smooth", "resection",
                                            "proximal",         "abutment_end",     "periosteum"};

const char *const ost_coating_names[OST_NUM_COATINGS] = {"machined", "grit-blasted",
                                                         "plasma-sprayed", "porous"};

const char *ost_region_name(PetscInt region)
{
  return region >= 0 && region < OST_NUM_REGIONS ? region_names[region] : NULL;
}

const char *ost_surface_name(PetscInt surface)
{
  return surface >= 0 && surface < OST_NUM_SURFACES ? surface_names[surface] : NULL;
}

static PetscInt find(const char *name, const char *const names[], PetscInt num)
{
  for (PetscInt i = 0; i < num; i++)
    if (!strcmp(name, names[i])) return i;
  return -1;
}

PetscInt ost_region_find(const char *name)
{
  return find(name, region_names, OST_NUM_REGIONS);
}

PetscInt ost_surface_find(const char *name)
{
  return find(name, surface_names, OST_NUM_SURFACES);
}

PetscBool ost_region_is_implant(PetscInt region)
{
  return region == OST_STEM || region == OST_ABUTMENT ? PETSC_TRUE : PETSC_FALSE;
}

PetscBool ost_region_is_bone(PetscInt region)
{
  return region == OST_CORTICAL || region == OST_CANCELLOUS || region == OST_BONE ? PETSC_TRUE
                                                                                  : PETSC_FALSE;
}

PetscBool ost_surface_is_interface(PetscInt surface)
{
  return surface == OST_INTERFACE_COATED || surface == OST_INTERFACE_SMOOTH ? PETSC_TRUE
                                                                            : PETSC_FALSE;
}
