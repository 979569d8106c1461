#include "meshes/limb_file.h"

#include <errno.h>
#include <unistd.h>

/* By these a sidecar is told from a file that a user wrote. */
static const char first_words[] = "# Written by osteon-mesh";

/* The grooves of a meshed thread; short pieces at the corners, so that who reads the outline does
   not take it for a curve. */
static void write_turns(FILE *f, const OstImplant *implant)
{
  const OstImplantOutline o = ost_implant_outline(implant);

  for (PetscInt i = o.split; ost_implant_turns(implant) > 0 && !o.arc[i + 1]; i++) {
    const PetscReal at[3] = {0.02, 0.98, 1.0};
    for (int k = 0; k < 3 && !(k == 2 && o.arc[i + 2]); k++)
      (void)fprintf(f, ", [%.9g mm, %.9g mm]", (double)(o.z[i] + at[k] * (o.z[i + 1] - o.z[i])),
                    (double)(o.r[i] + at[k] * (o.r[i + 1] - o.r[i])));
  }
}

/* The stem's outline for plots, zones and normals: corners, and the rounded tip by points. */
static void write_profile(FILE *f, const OstImplant *implant)
{
  const PetscReal begin = ost_implant_tip_begin(implant), tip = ost_implant_tip(implant);
  const PetscInt  num = 8;

  (void)fprintf(f, "    profile: [[%.6g mm, %.6g mm]", (double)implant->recess,
                (double)ost_implant_radius(implant, implant->recess));
  write_turns(f, implant);
  for (PetscInt i = 0; i <= num; i++) {
    const PetscReal a = 0.5 * PETSC_PI * (PetscReal)i / (PetscReal)num;
    const PetscReal z = i == num ? tip : begin + implant->tip_rounding * PetscSinReal(a);
    (void)fprintf(f, ", [%.6g mm, %.6g mm]", (double)z, (double)ost_implant_radius(implant, z));
  }
  (void)fprintf(f, "]\n");
}

static void write_limb(FILE *f, const OstLimbFile *limb)
{
  const OstImplant *implant = limb->implant;
  PetscReal         from, to;

  ost_implant_coated_range(implant, &from, &to);
  (void)fprintf(f, "%s; heights from the resection plane along the stem axis.\n", first_words);
  (void)fprintf(f, "limb:\n  side: %s\n  bone: %s\n",
                limb->side == OST_SIDE_LEFT ? "left" : "right", limb->bone);
  (void)fprintf(f, "  made_from: %s\n", limb->fingerprint);
  (void)fprintf(f, "  stem:\n");
  (void)fprintf(f, "    length: %.6g mm\n    diameter: %.6g mm\n", (double)implant->length,
                (double)implant->diameter);
  (void)fprintf(f, "    coated_from: %.6g mm\n    coated_to: %.6g mm\n    tip: %.6g mm\n",
                (double)from, (double)to, (double)ost_implant_tip(implant));
  write_profile(f, implant);
  (void)fprintf(f, "  load_point: {distance: %.6g mm}\n", (double)implant->load_distance);
  (void)fprintf(f, "  bone_length: %.6g mm\n", (double)limb->bone_length);
  if (limb->density_image) (void)fprintf(f, "  density_image: %s\n", limb->density_image);
  if (limb->image_to_limb) {
    (void)fprintf(f, "  image_to_limb: [");
    for (PetscInt i = 0; i < 12; i++) {
      (void)fprintf(f, "%s%.12g", i ? ", " : "", (double)limb->image_to_limb[i / 4][i % 4]);
    }
    (void)fprintf(f, "]\n");
  }
  if (limb->region_density) {
    (void)fprintf(f,
                  "  density: {cortical: %.6g g/cm3, cancellous: %.6g g/cm3, marrow: %.6g g/cm3}\n",
                  (double)limb->region_density[0], (double)limb->region_density[1],
                  (double)limb->region_density[2]);
  }
  (void)fprintf(f, "  quality: {min_sicn: %.4f, mean_sicn: %.4f, nodes: %d, tets: %d}\n",
                (double)limb->quality->min_sicn, (double)limb->quality->mean_sicn,
                (int)limb->quality->num_nodes, (int)limb->quality->num_tets);
  (void)fprintf(f, "  canal: # [height, canal radius, outer radius]\n");
  for (PetscInt i = 0; i < limb->num_canal; i++) {
    (void)fprintf(f, "    - [%.6g mm, %.6g mm, %.6g mm]\n", (double)limb->canal_z[i],
                  (double)limb->canal_radius[i], (double)limb->outer_radius[i]);
  }
}

PetscErrorCode ost_limb_file_write(const OstLimbFile *limb, const char *path)
{
  FILE *f = fopen(path, "w");
  int   bad;

  PetscFunctionBeginUser;
  PetscCheck(f, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", path, strerror(errno));
  write_limb(f, limb);
  bad = fflush(f) != 0 || ferror(f) || fsync(fileno(f)) != 0;
  bad = fclose(f) != 0 || bad;
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", path, strerror(errno));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscBool ost_limb_file_is_one(const char *path)
{
  char         start[sizeof first_words] = "";
  FILE        *f                         = fopen(path, "r");
  const size_t length                    = f ? fread(start, 1, sizeof start - 1, f) : 0;

  if (f) (void)fclose(f); /* read only */
  return (PetscBool)(length == sizeof start - 1 && !memcmp(start, first_words, length));
}
