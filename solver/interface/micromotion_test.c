/* Micromotion of a point: peak to valley over the visited states, and its parts. */
#include "interface/micromotion.h"

#include "support/check.h"

static const PetscReal up[3] = {0.0, 0.0, 1.0};

static void one_peak_is_the_way_back_to_rest(void)
{
  const PetscReal      visited[] = {0.03, 0.04, -0.012, 0.0, 0.0, 0.0};
  const OstMicromotion span      = ost_micromotion_span(2, visited, up);

  OST_CHECK_NEAR(span.length, hypot(0.05, 0.012), 1e-15);
  OST_CHECK_NEAR(span.normal, 0.012, 1e-15);
  OST_CHECK_NEAR(span.shear, 0.05, 1e-15);
}

/* Two opposite phases: the distance between them, which no state has from rest. */
static void opposite_phases_are_measured_against_each_other(void)
{
  const PetscReal      visited[] = {0.03, 0.0, 0.0, -0.02, 0.0, 0.01, 0.0, 0.0, 0.0};
  const OstMicromotion span      = ost_micromotion_span(3, visited, up);

  OST_CHECK_NEAR(span.shear, 0.05, 1e-15);
  OST_CHECK_NEAR(span.normal, 0.01, 1e-15);
  OST_CHECK_NEAR(span.length, hypot(0.05, 0.01), 1e-15);
}

/* The largest parts may come from different pairs, and turn with the normal. */
static void parts_are_largest_each_for_itself(void)
{
  const PetscReal      x[3]      = {1.0, 0.0, 0.0};
  const PetscReal      visited[] = {0.1, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.0};
  const OstMicromotion span      = ost_micromotion_span(3, visited, x);

  OST_CHECK_NEAR(span.normal, 0.1, 1e-15);
  OST_CHECK_NEAR(span.shear, 0.2, 1e-15);
  OST_CHECK_NEAR(span.length, hypot(0.1, 0.2), 1e-15);
}

static void nothing_moves_without_two_states(void)
{
  const PetscReal      visited[] = {0.1, 0.2, 0.3};
  const OstMicromotion none      = ost_micromotion_span(0, NULL, up),
                       one       = ost_micromotion_span(1, visited, up);

  OST_CHECK(none.length == 0.0 && none.normal == 0.0 && none.shear == 0.0);
  OST_CHECK(one.length == 0.0 && one.normal == 0.0 && one.shear == 0.0);
}

int main(void)
{
  one_peak_is_the_way_back_to_rest();
  opposite_phases_are_measured_against_each_other();
  parts_are_largest_each_for_itself();
  nothing_moves_without_two_states();
  return ost_check_report();
}
