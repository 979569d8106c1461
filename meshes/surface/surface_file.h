/* surface_file.h: triangulated surfaces from the files people have.

   STL (text or binary, whatever its header begins with), PLY (text or binary), OBJ, GTS, VTP with
   text arrays. Polygons are split into fans. Points that coincide are joined. Says what is wrong,
   repairs nothing. */
#pragma once

#include "base/diag.h"
#include "meshes/surface/surface.h"

/* Read `path`, told by its content, else by its ending; lengths times `unit` are mm. Faults go to
   `list` at `at`, and the surface is then left empty. */
PetscErrorCode ost_surface_read(const char *path, PetscReal unit, OstWhere at, OstDiagList *list,
                                OstSurface *surface);

/* Append to `list` what keeps the surface from bounding one bone: open, non-manifold, pinched,
   self-intersecting, of an impossible size. Orients it outwards. *ok: no fault was found. */
PetscErrorCode ost_surface_check(const char *path, OstWhere at, OstDiagList *list,
                                 OstSurface *surface, PetscBool *ok);

/* Write a binary STL; for people who want to look at the bone. PETSC_ERR_FILE_WRITE on failure. */
PetscErrorCode ost_surface_write_stl(const char *path, const OstSurface *surface);
