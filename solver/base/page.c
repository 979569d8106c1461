#include "base/page.h"

#include <stdarg.h>
#include <stdio.h>

PetscErrorCode ost_page_create(OstPage *page)
{
  PetscFunctionBeginUser;
  *page = (OstPage){.length = 1024};
  PetscCall(PetscCalloc1(page->length, &page->text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_page_add(OstPage *page, const char *format, ...)
{
  va_list list, again;

  PetscFunctionBeginUser;
  va_start(list, format);
  va_copy(again, list);
  const int needed = vsnprintf(NULL, 0, format, list);
  va_end(list);
  OstAssert(needed >= 0, "a format that cannot be printed: %s", format);
  if (page->used + (size_t)needed >= page->length) {
    page->length = 2 * page->length + (size_t)needed;
    PetscCall(PetscRealloc(page->length, &page->text));
  }
  (void)vsnprintf(page->text + page->used, page->length - page->used, format, again);
  va_end(again);
  page->used += (size_t)needed;
  PetscFunctionReturn(PETSC_SUCCESS);
}
