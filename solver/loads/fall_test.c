/* Falls: the published peaks, the sweep, the fail-safe device, the days. */
#include "loads/fall.h"

#include "support/check.h"

#define BW (82.0 * 9.80665)

static PetscErrorCode reading(const char *text, OstDiagList *list, OstFallList *falls)
{
  OstCase *file;

  PetscFunctionBeginUser;
  PetscCall(ost_case_load_text("case.yaml", "case", text, list, &file));
  ost_case_set_body_weight(file, BW);
  PetscCall(ost_fall_read(ost_case_root(file), list, falls));
  PetscCall(ost_case_report_unread(file, list));
  PetscCall(ost_case_destroy(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* 82 kg: 1070 N and 137 N.m (Frossard et al. 2010), whatever the direction. */
static PetscErrorCode fall_has_its_published_peaks_all_around(void)
{
  OstDiagList *list;
  OstFallList  falls;

  PetscFunctionBeginUser;
  const OstClock clock = ost_clock_start();
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("falls:\n"
                    "  - {file: cases/falls/forward.yaml, days: [365 day, 6 week]}\n"
                    "  - {file: cases/falls/forward-torsion.yaml, days: [30 day]}\n",
                    list, &falls));
  if (ost_diag_num_errors(list)) PetscCall(ost_diag_print(list, stdout));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_INT(falls.num, 2);
  OST_CHECK_TEXT(falls.fall[0].name, "forward");
  OST_CHECK_INT(falls.fall[0].num_angles, 8);
  for (PetscInt i = 0; i < 8; i++) {
    const OstLimbLoad load = ost_fall_load(&falls.fall[0], i);
    OST_CHECK_NEAR(ost_limb_load_resultant(&load), 1070.0, 0.001);
    OST_CHECK_NEAR(ost_limb_load_bending(&load), 136.7e3, 0.001);
    OST_CHECK_NEAR(load.torsion, 0.0, 0.0);
    /* force across the stem and bending point the same way */
    OST_CHECK(load.anterior * load.bending_anterior + load.lateral * load.bending_lateral > 0.0);
  }
  {
    const OstLimbLoad forwards = ost_fall_load(&falls.fall[1], 0);
    const OstLimbLoad outwards = ost_fall_load(&falls.fall[1], 2);
    OST_CHECK_NEAR(forwards.bending_lateral, 0.0, 1e-9);
    OST_CHECK(forwards.bending_anterior > 0.0 && outwards.bending_lateral > 0.0);
    OST_CHECK_NEAR(outwards.bending_anterior, 0.0, 1e-9);
    OST_CHECK_NEAR(outwards.torsion, 0.03e3 * BW, 1e-9);
  }
  OST_CHECK_NEAR(ost_fall_next_event(&falls, &clock, 0.0), 30.0, 1e-12);
  OST_CHECK_NEAR(ost_fall_next_event(&falls, &clock, 30.0), 42.0, 1e-12);
  OST_CHECK_NEAR(ost_fall_next_event(&falls, &clock, 42.0), 365.0, 1e-12);
  OST_CHECK(ost_fall_next_event(&falls, &clock, 365.0) == PETSC_MAX_REAL);
  OST_CHECK(ost_fall_is_due(&falls.fall[0], &clock, 42.0));
  OST_CHECK(!ost_fall_is_due(&falls.fall[1], &clock, 42.0));
  PetscCall(ost_fall_destroy(&falls));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode device_caps_moments_only(void)
{
  OstDiagList *list;
  OstFallList  falls;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("falls:\n"
                    "  - file: cases/falls/forward-torsion.yaml\n"
                    "    name: with device\n"
                    "    days: [30 day]\n"
                    "    device: {bending: 70 N.m, torsion: 15 N.m}\n"
                    "    angles: [10 degree]\n",
                    list, &falls));
  OST_CHECK_INT(ost_diag_num_errors(list), 0);
  OST_CHECK_TEXT(falls.fall[0].name, "with device");
  OST_CHECK_INT(falls.fall[0].num_angles, 1);
  {
    const OstLimbLoad load = ost_fall_load(&falls.fall[0], 0);
    OST_CHECK_NEAR(ost_limb_load_bending(&load), 70e3, 1e-12);
    OST_CHECK_NEAR(load.torsion, 15e3, 1e-12);
    OST_CHECK_NEAR(ost_limb_load_resultant(&load), 1.33 * BW, 1e-12);
  }
  PetscCall(ost_fall_destroy(&falls));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode faults_are_told(void)
{
  OstDiagList *list;
  OstFallList  falls;

  PetscFunctionBeginUser;
  PetscCall(ost_diag_create(&list));
  PetscCall(reading("title: x\n", list, &falls));
  OST_CHECK_INT(falls.num, 0); /* falls are not required */
  PetscCall(ost_fall_destroy(&falls));
  PetscCall(ost_diag_destroy(&list));

  PetscCall(ost_diag_create(&list));
  PetscCall(reading("falls:\n"
                    "  - {file: cases/falls/forward.yaml, days: [30 day]}\n"
                    "  - {file: cases/falls/forward.yaml, days: [10 day, 30 day]}\n"
                    "  - {file: cases/falls/sideways.yaml, days: [30 day]}\n"
                    "  - {file: cases/falls/forward-torsion.yaml}\n",
                    list, &falls));
  OST_CHECK_INT(ost_diag_num_errors(list), 3); /* same name and day; no such file; no days */
  PetscCall(ost_fall_destroy(&falls));
  PetscCall(ost_diag_destroy(&list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(fall_has_its_published_peaks_all_around());
  PetscCall(device_caps_moments_only());
  PetscCall(faults_are_told());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
