#include "input/quantity.h"

#include <ctype.h>
#include <math.h>
#include <udunits2.h>

/* --- units ------------------------------------------------------------------------------------ */

/* Reading the unit data base takes milliseconds, a case has hundreds of values: read once, constant
   from then on. The body weight stays symbolic (a base unit of its own), since it differs by
   case. */
static struct {
  ut_system *system;
  ut_unit   *newton, *body_weight;
} units;

static PetscErrorCode units_free(void)
{
  PetscFunctionBeginUser;
  ut_free(units.newton);
  ut_free(units.body_weight);
  ut_free_system(units.system);
  units.system = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* Let `name` mean `unit`; whatever UDUNITS knew it for is forgotten. */
static PetscErrorCode map_unit(const char *name, const ut_unit *unit)
{
  static const ut_encoding encodings[] = {UT_ASCII, UT_LATIN1, UT_UTF8};

  PetscFunctionBeginUser;
  for (int i = 0; i < 3; i++) {
    (void)ut_unmap_name_to_unit(units.system, name, encodings[i]);
    (void)ut_unmap_symbol_to_unit(units.system, name, encodings[i]);
  }
  OstAssert(ut_map_symbol_to_unit(name, UT_ASCII, unit) == UT_SUCCESS, "unit name %s", name);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode units_load(void)
{
  /* A cycle of UDUNITS is an angle of 2 pi; here cycles per day are counted. */
  static const char *const spellings[][2] = {{"cycle", "1"}, {"cycles", "1"},   {"step", "1"},
                                             {"steps", "1"}, {"deg", "degree"}, {"Nm", "N.m"},
                                             {"Nmm", "N.mm"}};

  PetscFunctionBeginUser;
  if (units.system) PetscFunctionReturn(PETSC_SUCCESS);
  (void)ut_set_error_message_handler(ut_ignore); /* faults are reported in our words */
  units.system = ut_read_xml(NULL);
  PetscCheck(units.system, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "data base of UDUNITS-2");
  PetscCall(PetscRegisterFinalize(units_free));
  units.newton      = ut_parse(units.system, "N", UT_UTF8);
  units.body_weight = ut_new_base_unit(units.system);
  OstAssert(units.newton && units.body_weight, "units");
  OstAssert(ut_map_unit_to_symbol(units.body_weight, "BW", UT_ASCII) == UT_SUCCESS, "unit BW");
  PetscCall(map_unit("BW", units.body_weight)); /* of UDUNITS: the bel of a watt */
  for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
    ut_unit *unit = ut_parse(units.system, spellings[i][1], UT_UTF8);
    OstAssert(unit, "unit %s", spellings[i][1]);
    PetscCall(map_unit(spellings[i][0], unit));
    ut_free(unit);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* UDUNITS takes an angle for a pure number. A friction of `0.4 degree` must not pass. */
static PetscBool has_angle(const ut_unit *unit)
{
  char text[256];
  int  length = ut_format(unit, text, sizeof text - 1, UT_ASCII | UT_DEFINITION);

  if (length < 0 || length >= (int)sizeof text - 1) return PETSC_FALSE;
  text[length] = '\0';
  return (PetscBool)(strstr(text, "rad") != NULL);
}

/* The value in unit `to`; fails (PETSC_FALSE) when they are of different kinds. UDUNITS also
   converts between reciprocals (day to 1/day) and from logarithmic units: refused as not linear. */
static PetscBool convert(ut_unit *from, ut_unit *to, PetscReal value, PetscReal *converted)
{
  cv_converter *c;
  double        at0, at1, at2;

  if (!ut_are_convertible(from, to) || has_angle(from) != has_angle(to)) return PETSC_FALSE;
  c = ut_get_converter(from, to);
  if (!c) return PETSC_FALSE;
  at0        = cv_convert_double(c, 0.0);
  at1        = cv_convert_double(c, 1.0);
  at2        = cv_convert_double(c, 2.0);
  *converted = cv_convert_double(c, (double)value);
  cv_free(c);
  return (PetscBool)(isfinite(at0) && fabs(at2 - 2.0 * at1 + at0) <= 1e-9 * fabs(at2 - at0));
}

/* `unit` with BW^power taken out and N^power put in its place. */
static ut_unit *without_body_weight(ut_unit *unit, int power)
{
  ut_unit *ratio = ut_divide(units.newton, units.body_weight);
  ut_unit *r     = ut_raise(ratio, power);
  ut_unit *u     = ut_multiply(unit, r);

  ut_free(ratio);
  ut_free(r);
  return u;
}

/* As convert, with body weights [N] turned into forces. *weight_missing: it would have gone, had
   the body weight been known. */
static PetscBool convert_weight(ut_unit *from, ut_unit *to, PetscReal value, PetscReal weight,
                                PetscReal *converted, PetscBool *weight_missing)
{
  *weight_missing = PETSC_FALSE;
  if (convert(from, to, value, converted)) return PETSC_TRUE;
  for (int power = -1; power <= 1; power += 2) {
    ut_unit        *plain = without_body_weight(from, power);
    const PetscBool fits  = convert(plain, to, value, converted);
    ut_free(plain);
    if (!fits) continue;
    *weight_missing = (PetscBool)(weight <= 0.0);
    *converted *= PetscPowReal(weight, (PetscReal)power);
    return (PetscBool) !*weight_missing;
  }
  return PETSC_FALSE;
}

/* What a unit measures, as a user would say it; NULL where there is no common word. */
static const char *kind_of(ut_unit *unit)
{
  static const char *const kinds[][2] = {{"1", "pure number"},
                                         {"mm", "length"},
                                         {"mm2", "area"},
                                         {"mm3", "volume"},
                                         {"kg", "mass"},
                                         {"day", "time"},
                                         {"1/day", "rate"},
                                         {"N", "force"},
                                         {"BW", "force"},
                                         {"N.mm", "moment"},
                                         {"BW.mm", "moment"},
                                         {"MPa", "stress"},
                                         {"g/cm3", "density"},
                                         {"degree", "angle"},
                                         {"N/mm", "stiffness"},
                                         {"N/mm3", "stiffness per area"},
                                         {"N.mm/rad", "rotational stiffness"},
                                         {"mm/s", "speed"},
                                         {"mm/s2", "acceleration"},
                                         {"1/mm", "curvature"},
                                         {"K", "temperature"},
                                         {"mm/N", "compliance"},
                                         {"kg.mm2", "moment of inertia"},
                                         {"W", "power"}};
  PetscReal                ignored;

  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    ut_unit  *other = ut_parse(units.system, kinds[i][0], UT_UTF8);
    PetscBool same  = (PetscBool)(other && convert(unit, other, 1.0, &ignored));
    ut_free(other);
    if (same) return kinds[i][1];
  }
  return NULL;
}

static const char *article(const char *noun)
{
  return strchr("aeiou", noun[0]) ? "an" : "a";
}

/* UDUNITS reads numbers inside a unit as factors, so that `3 10 mm` would be 30 mm: digits may only
   be exponents, or the 1 of `1/day`. */
static PetscBool is_unit_text(const char *text)
{
  const char *c = text;

  if (*c == '1') {
    c++;
    while (*c == ' ') c++;
    if (*c != '/') return PETSC_FALSE;
  }
  for (; *c; c++) {
    if (!isdigit((unsigned char)*c)) continue;
    if (c == text) return PETSC_FALSE;
    if (!isalnum((unsigned char)c[-1]) && !strchr("^-)", c[-1])) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static ut_unit *parse_unit(const char *text)
{
  char spaced[128];

  if (!is_unit_text(text)) return NULL;
  if (text[0] != '%' || !isalpha((unsigned char)text[1])) {
    return ut_parse(units.system, text, UT_UTF8);
  }
  (void)snprintf(spaced, sizeof spaced, "%% %s", text + 1); /* 50 %BW */
  return ut_parse(units.system, spaced, UT_UTF8);
}

/* --- one quantity ----------------------------------------------------------------------------- */

/* Split "12.5 mm" into number and unit text. PETSC_FALSE: does not begin with a finite number. */
static PetscBool split(const char *text, PetscReal *number, const char **unit)
{
  const char *c = text;
  char       *end;

  while (isspace((unsigned char)*c)) c++;
  *unit = c;
  if (*c == '+' || *c == '-') c++;
  if (!isdigit((unsigned char)*c) && !(*c == '.' && isdigit((unsigned char)c[1]))) {
    return PETSC_FALSE; /* strtod would take inf and nan */
  }
  if (c[0] == '0' && (c[1] == 'x' || c[1] == 'X')) return PETSC_FALSE;
  *number = strtod(*unit, &end);
  while (isspace((unsigned char)*end)) end++;
  *unit = end;
  return (PetscBool)isfinite(*number);
}

static PetscErrorCode report_kind(const OstQuantityContext *c, const char *text, ut_unit *given,
                                  ut_unit *wanted)
{
  const char *is = kind_of(given), *want = kind_of(wanted);
  char        fix[256], sample[64]       = "";

  PetscFunctionBeginUser;
  if (!strcmp(c->unit, "1")) {
    (void)snprintf(fix, sizeof fix, "write it without a unit, or in %%");
  } else {
    (void)snprintf(fix, sizeof fix, "give it in %s%s%s", c->unit,
                   want ? " or another unit of " : "", want ? want : "");
    (void)snprintf(sample, sizeof sample, ", e.g. %s", c->unit);
  }
  if (is && want && strcmp(is, want)) {
    PetscCall(ost_diag_error(c->list, c->at, fix, "%s%s is %s %s; %s %s is wanted%s", c->label,
                             text, article(is), is, article(want), want, sample));
  } else {
    PetscCall(ost_diag_error(c->list, c->at, fix, "%s%s cannot be converted to %s", c->label, text,
                             c->unit));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode report_no_unit(const OstQuantityContext *c, const char *text)
{
  char fix[256];

  PetscFunctionBeginUser;
  (void)snprintf(fix, sizeof fix, "write e.g. `%s %s`", text, c->unit);
  PetscCall(ost_diag_error(c->list, c->at, fix, "%s%s has no unit", c->label, text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode report_no_number(const OstQuantityContext *c, const char *text)
{
  char fix[256];

  PetscFunctionBeginUser;
  (void)snprintf(fix, sizeof fix, "write e.g. `10%s%s`", strcmp(c->unit, "1") ? " " : "",
                 strcmp(c->unit, "1") ? c->unit : "");
  PetscCall(ost_diag_error(c->list, c->at, fix, "%s`%s` is not a number", c->label, text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode report_unit(const OstQuantityContext *c, const char *text, const char *unit)
{
  char fix[256];

  PetscFunctionBeginUser;
  if (unit[0] == ',') {
    (void)snprintf(fix, sizeof fix, "write the decimal point as `.`");
  } else if (!strcmp(c->unit, "1")) {
    (void)snprintf(fix, sizeof fix, "write it without a unit, or in %%");
  } else {
    (void)snprintf(fix, sizeof fix, "give it in %s; products are written N.m, quotients g/cm3",
                   c->unit);
  }
  PetscCall(ost_diag_error(c->list, c->at, fix, "%s%s: `%s` is not a unit", c->label, text, unit));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* text to number in c->unit; *ok false: reported, *v unchanged. */
PetscErrorCode ost_quantity_parse(const OstQuantityContext *c, const char *text, PetscReal *v,
                                  PetscBool *ok)
{
  const PetscReal weight = c->file ? ost_case_body_weight(c->file) : 0.0;
  const char     *unit_text;
  ut_unit        *given, *wanted;
  PetscReal       number, converted = 0.0;
  PetscBool       weight_missing;

  PetscFunctionBeginUser;
  *ok = PETSC_FALSE;
  PetscCall(units_load());
  wanted = ut_parse(units.system, c->unit, UT_UTF8);
  OstAssert(wanted, "`%s` is not a unit of the house", c->unit);

  given = NULL;
  if (!split(text, &number, &unit_text)) {
    PetscCall(report_no_number(c, text));
  } else if (!strcmp(unit_text, strcmp(c->unit, "1") ? c->unit : "")) { /* no rounding */
    *v  = number;
    *ok = PETSC_TRUE;
  } else if (!unit_text[0]) {
    PetscCall(report_no_unit(c, text));
  } else {
    given = parse_unit(unit_text);
    if (!given) {
      PetscCall(report_unit(c, text, unit_text));
    } else if (convert_weight(given, wanted, number, weight, &converted, &weight_missing)) {
      *v  = converted;
      *ok = PETSC_TRUE;
    } else if (weight_missing) {
      PetscCall(ost_diag_error(c->list, c->at, "give `patient.body_mass` in the case file",
                               "%s%s: the body weight BW is not known", c->label, text));
    } else {
      PetscCall(report_kind(c, text, given, wanted));
    }
  }
  ut_free(given);
  ut_free(wanted);
  PetscFunctionReturn(PETSC_SUCCESS);
}
