// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The names that every linked program has, from the linker and from crt1.o and crti.o, say what they say there.
// models: default fPIC no-plt medium
// why: data of large models and code below 2 GiB lie otherwise in linked programs
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

extern char __executable_start[], etext[], edata[], end[], __bss_start[], data_start[], __data_start[], __TMC_END__[];
extern const ElfW(Ehdr) __ehdr_start;
extern ElfW(Dyn) _DYNAMIC[];
extern const int _IO_stdin_used;
extern void _init(void), _fini(void);

int main(void);
int data = 1;
int bss[1000];
const int constant = 3;

static const ElfW(Phdr) *header_of(const void *address, unsigned type) {
  const char *base = (const char *)&__ehdr_start;
  const ElfW(Phdr) *headers = (const ElfW(Phdr) *)(base + __ehdr_start.e_phoff);
  for (int i = 0; i < __ehdr_start.e_phnum; i++) {
    const char *at = base + headers[i].p_vaddr;
    if (headers[i].p_type == type && (const char *)address >= at && (const char *)address < at + headers[i].p_memsz)
      return &headers[i];
  }
  return 0;
}

static int flags_of(const void *address) {
  const ElfW(Phdr) *header = header_of(address, PT_LOAD);
  return header == 0 ? -1 : (int)header->p_flags;
}

static void show_header(void) {
  printf("%d %d %d %d\n", memcmp(&__ehdr_start, ELFMAG, SELFMAG), __ehdr_start.e_ident[EI_CLASS], __ehdr_start.e_type,
         __ehdr_start.e_machine);
  printf("%d %d\n", __ehdr_start.e_phentsize, __ehdr_start.e_phnum > 3);
  printf("%d %d %d\n", flags_of((void *)&main), flags_of(&data), flags_of(bss + 999));
  printf("%d %d\n", flags_of(&constant) >= 4, flags_of(end + (1 << 20)));
  printf("%d\n", header_of(_DYNAMIC, PT_DYNAMIC) != 0);
  const ElfW(Phdr) *first = (const ElfW(Phdr) *)((const char *)&__ehdr_start + __ehdr_start.e_phoff);
  printf("%d\n", first->p_type == PT_PHDR && first->p_memsz == __ehdr_start.e_phnum * sizeof *first);
}

static void show_dynamic(void) {
  const struct r_debug *list = 0;
  for (ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_DEBUG) list = (const struct r_debug *)entry->d_un.d_ptr;
  }
  int found = 0;
  for (const struct link_map *map = list == 0 ? 0 : list->r_map; map != 0; map = map->l_next)
    found += strstr(map->l_name, "libc.so") != 0;
  printf("%d\n", found);
}

int main(void) {
  show_header();
  show_dynamic();
  printf("%d %d\n", data_start == __data_start, data_start <= (char *)&data && (char *)&data < edata);
  printf("%d %d %d\n", etext <= data_start, data_start <= __TMC_END__, __TMC_END__ <= end);
  printf("%d %d %d\n", edata <= __bss_start, __bss_start <= (char *)bss, (char *)(bss + 1000) <= end);
  printf("%#x\n", _IO_stdin_used);
  _init();
  _fini();
  puts("called");
  return 0;
}
