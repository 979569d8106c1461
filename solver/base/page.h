/* page.h: a text for people that grows line by line. */
#pragma once

#include "base/base.h"

typedef struct {
  char  *text; /* ends with a zero; owned */
  size_t used, length;
} OstPage;

/* An empty page; its text is freed by whoever takes it, with PetscFree. */
PetscErrorCode ost_page_create(OstPage *page);

/* Append as printf does. */
PetscErrorCode ost_page_add(OstPage *page, const char *format, ...) PETSC_ATTRIBUTE_FORMAT(2, 3);
