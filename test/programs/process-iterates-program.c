// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: dl_iterate_phdr names the segments of a program's variables, with the protection that they have.
// system-link: -rdynamic
#define _GNU_SOURCE
#include <link.h>
#include <stdint.h>
#include <stdio.h>

static int variable = 1;
static char zeros[100000];
static const char constant[] = "constant";
int function(void) { return variable; }

struct search {
  const void *address;
  int count;
  unsigned flags;
  int tables, dynamic;
};

static int look(struct dl_phdr_info *info, size_t size, void *data) {
  struct search *search = data;
  int found = 0, tables = 0, dynamic = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    const uintptr_t offset = (uintptr_t)search->address - (info->dlpi_addr + header->p_vaddr);
    if (header->p_type == PT_GNU_EH_FRAME) tables = 1;
    if (header->p_type == PT_DYNAMIC) dynamic = 1;
    if (header->p_type != PT_LOAD || offset >= header->p_memsz) continue;
    found = 1;
    search->flags |= header->p_flags;
  }
  search->count += found;
  if (found) search->tables = tables, search->dynamic = dynamic;
  (void)size;
  return 0;
}

static void show(const char *what, const void *address) {
  struct search search = {address, 0, 0, 0, 0};
  dl_iterate_phdr(look, &search);
  printf("%s: %d object, flags %x, unwind tables %d, dynamic section %d\n", what, search.count, search.flags,
         search.tables, search.dynamic);
}

int main(void) {
  show("variable", &variable);
  show("first zero", zeros);
  show("last zero", zeros + sizeof zeros - 1);
  show("constant", constant);
  show("function", (void *)function);
  return zeros[0];
}
