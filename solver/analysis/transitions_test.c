/* Every cause at a point that lives by the laws themselves, the causes no law has, and the log. */
#include "analysis/transitions.h"

#include "base/tensor.h"
#include "support/check.h"

/* An oblique normal and a tangent, so that no component is zero by chance. */
static const PetscReal n[3] = {2.0 / 7.0, 3.0 / 7.0, 6.0 / 7.0};
static const PetscReal a[3] = {6.0 / 7.0, 2.0 / 7.0, -3.0 / 7.0};

/* --- a life ----------------------------------------------------------------------------------- */

typedef struct {
  OstTractionLaw law;
  OstMature      mature;
  OstIfacePoint  point;
  OstMaturity    maturity;
  OstPointDay    today;
} Life;

static Life born(void)
{
  Life life = {.law = ost_traction_law_default(), .mature = ost_mature_default()};

  life.today.state = OST_OPEN;
  return life;
}

/* A day whose peak is at a jump along the normal and a tangent; its micromotion and gap stand by
   themselves. The cause, or -1 where the state is yesterday's. */
static int live(Life *life, PetscReal along, PetscReal across, PetscReal motion, PetscReal gap)
{
  const OstPointDay yesterday = life->today;
  OstIfaceAnswer    peak;
  PetscReal         jump[3];

  for (int i = 0; i < 3; i++) jump[i] = along * n[i] + across * a[i];
  ost_traction(&life->law, &life->point, n, jump, OST_CONSISTENT, &peak);
  life->point             = peak.next;
  life->maturity.damage   = peak.next.damage;
  const PetscReal tension = ost_bond_tension(&life->law, &peak.next, n, jump);
  life->today             = (OstPointDay){.state       = ost_point_state(&peak, &life->maturity),
                                          .bond        = peak.next.bond,
                                          .damage      = peak.next.damage,
                                          .tension     = tension,
                                          .micromotion = motion,
                                          .gap         = gap};
  if (life->today.state == yesterday.state) return -1;
  return (int)ost_transition_cause(&life->mature, &yesterday, &life->today);
}

/* The same day after day, at rest under light pressure, until the state changes or a year is over;
   biology works in between. */
static int wait(Life *life, PetscReal motion, PetscReal gap, PetscReal density)
{
  const OstMatureInput felt    = {motion, gap, density};
  const PetscReal      zero[3] = {0.0, 0.0, 0.0};

  for (int day = 0; day < 400; day++) {
    const OstMaturity rate = ost_mature_rate(&life->mature, &life->maturity, &felt);
    life->maturity.bond += rate.bond;
    life->maturity.strength += rate.strength;
    life->maturity.damage += rate.damage;
    life->maturity.fibrous += rate.fibrous;
    ost_mature_clamp(&life->mature, &life->maturity);
    ost_iface_point_grow(&life->point, life->maturity.bond, life->maturity.strength,
                         life->maturity.damage, zero);
    const int cause = live(life, -1e-4, 0.0, motion, gap);
    if (cause >= 0) return cause;
  }
  return -1;
}

/* --- each cause ------------------------------------------------------------------------------- */

static void contact_and_friction_are_told_apart(void)
{
  Life life = born();

  OST_CHECK_INT(live(&life, 1e-3, 0.0, 0.0, 1e-3), -1);
  OST_CHECK_INT(live(&life, -1e-4, 0.0, 0.0, 0.0), OST_PRESSED);
  OST_CHECK_INT(life.today.state, OST_STICK);
  OST_CHECK_INT(live(&life, -1e-4, 0.05, 0.05, 0.0), OST_SLID);
  OST_CHECK_INT(live(&life, -1e-4, 0.1, 0.05, 0.0), -1); /* slips on */
  OST_CHECK_INT(live(&life, -1e-4, 0.0994, 0.0, 0.0), OST_HELD);
  OST_CHECK_INT(live(&life, 1e-3, 0.0994, 0.0, 1e-3), OST_LIFTED);
  OST_CHECK_INT(live(&life, -1e-4, 0.3, 0.2, 0.0), OST_PRESSED); /* and slides at once */
  OST_CHECK_INT(life.today.state, OST_SLIP);
}

static Life grown(void)
{
  Life life = born();

  (void)live(&life, -1e-4, 0.0, 0.0, 0.0);
  OST_CHECK_INT(wait(&life, 0.0, 0.0, 1.8), OST_GREW);
  OST_CHECK_INT(life.today.state, OST_BONDED);
  OST_CHECK_INT(wait(&life, 0.0, 0.0, 1.8), -1);
  OST_CHECK(life.maturity.bond > 0.6);
  return life;
}

/* Onset at 1 MPa / 1e3 N/mm3 = 1 um of opening or 15 MPa / 1e4 N/mm3 = 1.5 um of sliding, of the
   mature bond; a young one reaches further. */
static void bond_breaks_the_way_it_is_loaded(void)
{
  const struct {
    PetscReal along, across;
    OstCause  cause;
  } ways[] = {{0.05, 0.0, OST_BROKE_TENSION},  {0.0, 0.05, OST_BROKE_SHEAR},
              {-1e-4, 0.05, OST_BROKE_SHEAR},  {0.05, 0.05, OST_BROKE_TENSION},
              {0.05, 0.0751, OST_BROKE_SHEAR}, {0.05, 0.0749, OST_BROKE_TENSION}};

  for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
    Life life = grown();
    OST_CHECK_INT(live(&life, ways[k].along, ways[k].across, 0.0, 0.0), ways[k].cause);
    OST_CHECK_INT(life.today.state, OST_DEBONDED);
  }
}

/* Where bond is more friction that wears off (I12), only sliding breaks it. */
static void a_surface_that_wears_breaks_by_sliding(void)
{
  const PetscReal apart[3] = {0.02, 0.03, 0.06};
  Life            life     = grown();

  OST_CHECK_NEAR(ost_bond_tension(&life.law, &life.point, n, apart), 1.0, 1e-12);
  life.law.unbroken   = 0.9;
  life.law.wear_from  = 0.01;
  life.law.wear_width = 1.0;
  OST_CHECK_NEAR(ost_bond_tension(&life.law, &life.point, n, apart), 0.0, 0.0);
  OST_CHECK_INT(live(&life, -1e-4, 0.1, 0.0, 0.0), OST_BROKE_SHEAR);
  OST_CHECK_INT(life.today.state, OST_DEBONDED);
}

static void broken_bond_heals_or_goes(void)
{
  Life quiet = grown(), loose;

  (void)live(&quiet, 0.0, 0.05, 0.0, 0.0);
  loose = quiet;
  OST_CHECK_INT(wait(&quiet, 0.0, 0.0, 1.8), OST_HEALED);
  OST_CHECK_INT(quiet.today.state, OST_BONDED);
  OST_CHECK_INT(wait(&loose, 0.0, 0.0, 0.0), OST_RESORBED); /* the bone behind it went */
  OST_CHECK(loose.today.state == OST_STICK || loose.today.state == OST_SLIP);
}

static void bond_is_resorbed_where_it_moves(void)
{
  Life life = grown();

  OST_CHECK_INT(wait(&life, 0.125, 0.0, 1.8), OST_RESORBED);
  OST_CHECK(life.today.damage < 1e-9);
}

static void fibrous_tissue_comes_and_goes(void)
{
  Life touching = born(), apart = born();

  (void)live(&touching, -1e-4, 0.0, 0.0, 0.0);
  (void)live(&apart, -1e-4, 0.0, 0.0, 0.0);
  OST_CHECK_INT(wait(&touching, 0.16, 0.02, 1.8), OST_FIBROUS_MOTION);
  OST_CHECK_INT(touching.today.state, OST_FIBROUS);
  OST_CHECK_INT(wait(&apart, 0.16, 0.2, 1.8), OST_FIBROUS_GAP);
  OST_CHECK_INT(wait(&touching, 0.0, 0.0, 1.8), OST_MATURED);
  /* the bond underneath did not break when tissue came over it */
  Life bonded = grown();
  OST_CHECK_INT(wait(&bonded, 0.16, 0.0, 1.8), OST_FIBROUS_MOTION);
}

/* --- where more than one thing changes -------------------------------------------------------- */

/* All pairs of bond and damage with the states they have: the cause is never missing and never
   names what did not happen. */
static void no_change_of_bond_is_left_without_its_cause(void)
{
  const OstMature law                  = ost_mature_default();
  int             seen[OST_NUM_CAUSES] = {0};

  for (int i = 0; i < 16 * 16 * 16 * 16; i++) {
    const PetscReal B0 = (i & 15) / 20.0, d0 = (i >> 4 & 15) / 15.0, B1 = (i >> 8 & 15) / 20.0,
                    d1  = (i >> 12 & 15) / 15.0;
    const OstPointDay x = {ost_iface_state(B0, d0, OST_STICK), B0, d0, 0.1, 0.0, 0.0};
    const OstPointDay y = {ost_iface_state(B1, d1, OST_SLIP), B1, d1, 0.9, 0.0, 0.0};
    if (x.state == y.state) continue;
    const OstCause cause = ost_transition_cause(&law, &x, &y);
    seen[cause]++;
    OST_CHECK(cause != OST_GREW || B1 > B0);
    OST_CHECK(cause != OST_RESORBED || B1 < B0);
    OST_CHECK(cause != OST_BROKE_TENSION || d1 > d0);
    OST_CHECK(cause != OST_HEALED || d1 < d0);
    /* from whole to broken and back there is one way each */
    if (x.state == OST_BONDED && y.state == OST_DEBONDED) OST_CHECK_INT(cause, OST_BROKE_TENSION);
    if (x.state == OST_DEBONDED && y.state == OST_BONDED) OST_CHECK_INT(cause, OST_HEALED);
    if (x.state == OST_STICK && y.state == OST_SLIP) OST_CHECK_INT(cause, OST_SLID);
  }
  OST_CHECK_INT(seen[OST_UNEXPLAINED], 0);
  OST_CHECK(seen[OST_GREW] && seen[OST_RESORBED] && seen[OST_BROKE_TENSION] && seen[OST_HEALED]);
}

static void the_larger_loss_is_named(void)
{
  const OstMature   law   = ost_mature_default();
  const OstPointDay whole = {OST_BONDED, 0.12, 0.0, 0.0, 0.0, 0.0};
  /* 0.12 loses 0.01 by resorption and 0.022 by damage; then the other way round */
  const OstPointDay torn  = {OST_STICK, 0.11, 0.2, 0.0, 0.0, 0.0};
  const OstPointDay eaten = {OST_STICK, 0.09, 0.02, 0.0, 0.0, 0.0};

  OST_CHECK_INT(ost_transition_cause(&law, &whole, &torn), OST_BROKE_SHEAR);
  OST_CHECK_INT(ost_transition_cause(&law, &whole, &eaten), OST_RESORBED);
}

/* What no law of ours does must not get the name of something that it does. */
static void impossible_changes_stay_unexplained(void)
{
  const OstMature law = ost_mature_default();
  const struct {
    OstPointDay before, after;
  } pairs[] = {
      /* fibrous without micromotion, also across a gap */
      {{OST_STICK, 0.0, 0.0, 0.0, 0.02, 0.0}, {OST_FIBROUS, 0.0, 0.0, 0.0, 0.02, 0.0}},
      {{OST_OPEN, 0.0, 0.0, 0.0, 0.0, 0.9}, {OST_FIBROUS, 0.0, 0.0, 0.0, 0.119, 0.9}},
      /* bone back while it moves as much as ever */
      {{OST_FIBROUS, 0.0, 0.0, 0.0, 0.16, 0.0}, {OST_SLIP, 0.0, 0.0, 0.0, 0.15, 0.0}},
      /* bond from nothing, and gone for nothing */
      {{OST_STICK, 0.3, 0.0, 0.0, 0.0, 0.0}, {OST_BONDED, 0.3, 0.0, 0.0, 0.0, 0.0}},
      {{OST_BONDED, 0.3, 0.2, 0.0, 0.0, 0.0}, {OST_DEBONDED, 0.3, 0.2, 0.0, 0.0, 0.0}},
  };

  for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
    OST_CHECK_INT(ost_transition_cause(&law, &pairs[k].before, &pairs[k].after), OST_UNEXPLAINED);
}

/* --- the log ---------------------------------------------------------------------------------- */

enum { FACES = 2, POINTS = FACES * OST_FACE_POINTS };

/* Two faces whose order in the file is the other way round. */
static PetscErrorCode log_holds_what_changed_since_the_day_before(void)
{
  PetscInt       faces[12 * FACES], coated[FACES] = {0, 1}, face_file[FACES] = {7, 3};
  PetscReal      u[3 * 12 * FACES] = {0}, motion[POINTS] = {0}, gap[POINTS] = {0};
  PetscReal      normal[3 * POINTS] = {0};
  OstIfaceAnswer peak[POINTS]       = {0};
  OstMaturity    maturity[POINTS]   = {0};
  OstMesh mesh = {.num_faces = FACES, .faces = faces, .coated = coated, .face_file = face_file};
  OstTractionLaw       laws[2]         = {ost_traction_law_default(), ost_traction_law_default()};
  PetscInt             face_law[FACES] = {0, 1};
  OstIface             iface = {.mesh = &mesh, .law = laws, .face_law = face_law, .normal = normal};
  OstModel             model = {.mature = ost_mature_default()};
  OstDay               day   = {.model       = &model,
                                .iface       = &iface,
                                .peak_u      = u,
                                .peak_answer = peak,
                                .micromotion = motion,
                                .rest_gap    = gap};
  OstState             state = {.maturity = maturity};
  const OstTransition *change;
  OstTransitions      *log;
  PetscInt             num;

  PetscFunctionBeginUser;
  for (int i = 0; i < 12 * FACES; i++) faces[i] = i;
  PetscCall(ost_transitions_create(POINTS, &log));
  PetscCall(ost_transitions_note(log, &day, &state)); /* all open: nothing to compare with */
  ost_transitions_get(log, &num, &change);
  OST_CHECK_INT(num, 0);

  state.day     = 4.0;
  peak[8].state = OST_SLIP;
  PetscCall(ost_transitions_note(log, &day, &state));
  PetscCall(ost_transitions_note(log, &day, &state)); /* the same again */
  for (int p = 0; p < POINTS; p++) peak[p].state = OST_STICK;
  PetscCall(ost_transitions_note(log, &day, &state)); /* new loads on the same day */
  ost_transitions_get(log, &num, &change);
  OST_CHECK_INT(num, 1 + POINTS);
  OST_CHECK_NEAR(change[0].day, 4.0, 0.0);
  OST_CHECK_INT(change[0].note, 1);
  OST_CHECK_INT(change[0].face, 3);
  OST_CHECK_INT(change[0].point, 2);
  OST_CHECK_INT(change[0].from, OST_OPEN);
  OST_CHECK_INT(change[0].to, OST_SLIP);
  OST_CHECK_INT(change[0].cause, OST_PRESSED);
  OST_CHECK_INT(change[1].note, 3);
  OST_CHECK_INT(change[1].face, 7);
  OST_CHECK_INT(change[9].cause, OST_HELD);
  OST_CHECK_INT(change[POINTS].point, 5);

  ost_transitions_clear(log);
  maturity[0].fibrous = 0.6;
  motion[0]           = 0.16;
  state.day           = 5.0;
  PetscCall(ost_transitions_note(log, &day, &state));
  ost_transitions_get(log, &num, &change);
  OST_CHECK_INT(num, 1);
  OST_CHECK_INT(change[0].to, OST_FIBROUS);
  OST_CHECK_INT(change[0].cause, OST_FIBROUS_MOTION);
  PetscCall(ost_transitions_destroy(&log));
  OST_CHECK(!log);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv)
{
  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  contact_and_friction_are_told_apart();
  bond_breaks_the_way_it_is_loaded();
  a_surface_that_wears_breaks_by_sliding();
  broken_bond_heals_or_goes();
  bond_is_resorbed_where_it_moves();
  fibrous_tissue_comes_and_goes();
  no_change_of_bond_is_left_without_its_cause();
  the_larger_loss_is_named();
  impossible_changes_stay_unexplained();
  PetscCall(log_holds_what_changed_since_the_day_before());
  PetscCall(PetscFinalize());
  return ost_check_report();
}
