// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_FUZZ_SEED_SOURCES_H_
#define ENFOLD_FUZZ_SEED_SOURCES_H_

#include <string_view>

namespace enfold::fuzz {

struct SeedSource {
  std::string_view name;
  std::string_view extension;  // "c", "cc", "s"
  std::string_view text;
};

// Data, calls, tables, a switch, an initialiser, a weak reference and sections with bounds.
inline constexpr SeedSource kCalls = {"calls", "c", R"(
#include <stdarg.h>
extern int printf(const char*, ...);
extern int atexit(void (*)(void));
extern void* stderr;
extern void maybe(void) __attribute__((weak));
extern int __start_bag[], __stop_bag[];
__attribute__((section("bag"), used)) static int numbers[3] = {1, 2, 3};
static const char* const names[] = {"red", "green", "blue"};
static int counter;
int shared_counter = 7;
static void bye(void) { printf("bye %d\n", counter); }
__attribute__((constructor(200))) static void hello(void) { atexit(bye); }
__attribute__((destructor)) static void end(void) { ++counter; }
static int choose(int n) {
  switch (n) {
    case 0: return 5; case 1: return 17; case 2: return printf("two"); case 3: return 9;
    case 4: return 1; case 5: return 99; case 6: return counter; default: return -1;
  }
}
int (*table[])(int) = {choose, choose};
int main(int argc, char** argv) {
  (void)argv;
  if (maybe) maybe();
  for (int* n = __start_bag; n != __stop_bag; ++n) counter += *n;
  printf("%s %p %d\n", names[argc % 3], stderr, shared_counter);
  return table[argc & 1](argc) + choose(argc);
}
)"};

inline constexpr SeedSource kCommons = {"commons", "c", R"(
int tentative, other[1000];
long big[100] __attribute__((aligned(256)));
extern int missing_or_not __attribute__((weak));
__attribute__((weak)) int* where(void) { return &tentative; }
__attribute__((weak)) long sum(void) { return other[3] + big[7] + (&missing_or_not != 0); }
)"};

inline constexpr SeedSource kIndirect = {"indirect", "c", R"(
static int one(void) { return 1; }
static int two(void) { return 2; }
static int (*choose(void))(void) { return one() ? two : one; }
int chosen(void) __attribute__((ifunc("choose")));
static int quiet(void) __attribute__((ifunc("choose")));
int (*pointer)(void) = chosen;
int main(void) { return chosen() + quiet() + pointer(); }
)"};

inline constexpr SeedSource kExceptions = {"exceptions", "cc", R"(
void* operator new(decltype(sizeof 0));
struct Shape { virtual ~Shape(); virtual int area() const = 0; };
Shape::~Shape() {}
struct Square : Shape { int side = 3; int area() const override { return side * side; } };
template <class T> struct Box { T value; T get() { if (value < 0) throw 42; return value; } ~Box() { value = {}; } };
template <class T> int use(T n) { Box<T> box{n}; return static_cast<int>(box.get()); }
inline int& unique() { static int counter = use(3); return counter; }
int caught(int n) {
  try { return use(n) + use(static_cast<long>(n)) + use(static_cast<double>(n)) + ++unique(); }
  catch (int e) { return e; }
  catch (...) { throw; }
}
struct Start { Start() { unique() = 5; } ~Start() { unique() = 6; } } start;
int main() { Square s; Shape& shape = s; return caught(shape.area()); }
)"};

inline constexpr SeedSource kRelocations = {"relocations", "s", R"(
  .text
  .globl main
  .type main, @function
main:
  .cfi_startproc
  mov far_data@GOTPCREL(%rip), %rax
  movq near@GOTPCREL(%rip), %rbx
  call *printf@GOTPCREL(%rip)
  jmp *puts@GOTPCREL(%rip)
  call puts@PLT
  test %rax, far_data@GOTPCREL(%rip)
  movabs $_GLOBAL_OFFSET_TABLE_-main, %r11
  movabs $near@GOTOFF, %rax
  movabs $far_function@GOT, %rax
  movabs $puts@PLTOFF, %rax
  lea _GLOBAL_OFFSET_TABLE_(%rip), %rbx
  mov $near@SIZE, %eax
  jmp 1f
1: je puts
  lea local(%rip), %rdi
  ret
  .cfi_endproc
  .size main, .-main
  .data
near:
  .quad main, near+8, 0
  .long near - ., main - .
  .size near, .-near
  .section .rodata.str1.1,"aMS",@progbits,1
local: .string "text"
  .section .init_array,"aw"
  .quad main
  .section .ctors.65000,"aw"
  .quad -1, main, 0
  .section .note.GNU-stack,"",@progbits
)"};

inline constexpr SeedSource kSections = {"sections", "s", R"(
  .section odd,"aw",@progbits
  .byte 1
  .section odd,"aw",@progbits,unique,1
  .quad __start_odd, __stop_odd
  .section .text.f,"axG",@progbits,group_f,comdat
  .weak f
f: call g
  ret
  .section .rodata.f,"aG",@progbits,group_f,comdat
  .quad f - .
  .section .text.g,"axG",@progbits,group_g
  .globl g
g: jmp f
  .section order,"ao",@progbits,.text.f
  .quad f
  .section .bss.big,"aw",@nobits
  .p2align 14
  .zero 100000
  .section .data.retain,"awR",@progbits
  .quad main
  .section .lbss,"awl",@nobits
  .zero 4096
  .section .ldata,"awl",@progbits
  .quad end, etext, edata, __dso_handle, __executable_start
  .section .init,"ax",@progbits
  .p2align 4
piece: call f
  movl piece(%rip), %eax
  .section .fini,"ax",@progbits
  call g@PLT
  .section __patch,"a"
  .quad __start___patch, __init_array_start, __init_array_end
  .text
  .globl main
main: call f
  call g@PLT
  ret
  .globl absolute, hidden
  .hidden hidden
  .set absolute, 0x1234
hidden: movl $absolute, %eax
  .globl unique_object
  .type unique_object, @gnu_unique_object
  .data
unique_object: .quad hidden
  .comm buffer, 1000, 64
  .section .note.GNU-stack,"",@progbits
)"};

// What goes with something else: sections of which one of a name is kept, groups, and sections linked to others.
inline constexpr SeedSource kCompany = {"company", "s", R"(
  .section .gnu.linkonce.t.once, "ax", @progbits
  .weak once
  .type once, @function
once: ret
  .size once, . - once
  .section .gnu.linkonce.r.once, "a", @progbits
.Lonce: .quad once
  .section .gnu.linkonce.b.zero, "aw", @nobits
  .weak zero
zero: .zero 8
  .section .text.twice, "axG", @progbits, twice, comdat
  .weak twice
twice: ret
  .section .gnu.linkonce.t.twice, "ax", @progbits
  .weak twice_too
twice_too: ret
  .section about, "awo", @progbits, .text.twice
  .quad twice
  .section about, "awo", @progbits, .gnu.linkonce.t.once
  .quad once
  .section about_that, "awo", @progbits, about
  .quad 1
  .section .sframe, "a", @progbits
  .quad once - .
  .text
  .quad __start_about, __stop_about, __start_about_that, __stop_about_that, zero
  .section .note.GNU-stack, "", @progbits
)"};

inline constexpr SeedSource kUnused = {"unused", "c", R"(
static int helper(int n) { return n * 3; }
int unused_a(int n) { return helper(n) + 1; }
int unused_b(int n) { return helper(n) + 2; }
int data_unused[4] = {1, 2, 3, 4};
int f(int n) { return unused_a(n); }
int g(void) { return 4; }
int main(int argc, char** argv) { (void)argv; return f(argc) + g(); }
)"};

// A library's: versions, names of one object, read-only data, thread-locals, an indirect function.
inline constexpr SeedSource kLibrary = {"library", "c", R"(
int library_old(void) { return 1; }
int library_new(void) { return 2; }
__asm__(".symver library_old, library_f@V1");
__asm__(".symver library_new, library_f@@V2");
int library_data[8] = {1, 2, 3};
extern int library_alias[8] __attribute__((alias("library_data")));
extern int library_part[2] __attribute__((weak, alias("library_data")));
const char library_constant[16] = "constant";
void* library_relocated[2] __attribute__((section(".data.rel.ro"))) = {library_data, 0};
_Thread_local int library_thread = 4;
static void* choose(void) { return library_new; }
int library_chosen(void) __attribute__((ifunc("choose")));
__attribute__((visibility("hidden"))) int library_hidden(void) { return 5; }
)"};

// What uses it.
inline constexpr SeedSource kLibraryUser = {"library-user", "c", R"(
extern int library_f(void), library_old_f(void), library_chosen(void), library_none(void) __attribute__((weak));
__asm__(".symver library_old_f, library_f@V1");
extern int library_data[8], library_alias[8];
extern const char library_constant[16];
extern void* library_relocated[2];
extern _Thread_local int library_thread;
int (*volatile library_pointer)(void) = library_f;
int library_use(int n) {
  if (library_none) n += library_none();
  n += library_f() + library_old_f() + library_chosen() + library_pointer();
  n += library_data[n & 7] + library_alias[1] + library_constant[2];
  return n + library_thread + (library_relocated[0] != 0);
}
)"};

// Versions of the object's own, names that the linker defines, sections of old, and of bundles.
inline constexpr SeedSource kVersions = {"versions", "s", R"(
  .text
  .globl v_one, v_two, v_three, v_use
  .type v_one, @function
v_one: ret
  .type v_two, @function
v_two: ret
  .type v_three, @function
v_three: ret
  .symver v_one, v_f@V1
  .symver v_two, v_f@@V2
  .symver v_three, v_g@@@V2
  .symver v_missing, v_h@V9
v_use:
  call v_f@PLT
  call v_g@PLT
  call v_missing@PLT
  lea __ehdr_start(%rip), %rax
  lea _init(%rip), %rax
  lea _fini(%rip), %rax
  lea _DYNAMIC(%rip), %rax
  lea __GNU_EH_FRAME_HDR(%rip), %rax
  lea _end(%rip), %rax
  mov __bundle_of_ours@GOTPCREL(%rip), %rax
  mov __start_bundle(%rip), %eax
  ret
  .section bundle, "ax", @progbits
  nop
  .section .jcr, "aw", @progbits
  .quad 0
  .section .tm_clone_table, "aw", @progbits
  .quad 0
  .weak __bundle_of_ours
)"};

inline constexpr SeedSource kBundle = {"bundle", "s", R"(
  .section bundle, "aw", @progbits
  .quad v_f
  .text
  mov __stop_bundle(%rip), %eax
  .section .note.GNU-stack, "x", @progbits
)"};

// Some forms of the operators, and one that only others are made of.
inline constexpr SeedSource kOperators = {"operators", "cc", R"(
extern "C" void* malloc(unsigned long);
extern "C" void free(void*);
void* operator new(unsigned long size) { return malloc(size); }
void operator delete(void* what) noexcept { free(what); }
struct Large { char bytes[64]; ~Large() {} };
Large* made() { return new Large[3]; }
void unmade(Large* some) { delete[] some; }
int* one() { return new int(3); }
void none(int* what) { delete what; }
)"};

// These two together are more than direct references span.
inline constexpr SeedSource kHuge = {"huge", "s", R"(
  .bss
  .globl huge
huge: .zero 1600000000
  .text
  .globl in_huge
  .type in_huge, @function
in_huge:
  .cfi_startproc
  lea huge(%rip), %rax
  movabs $other_huge, %rbx
  call in_other@PLT
  call printf@PLT
  mov small@GOTPCREL(%rip), %rcx
  ret
  .cfi_endproc
  .comm large_common, 50000000, 64
)"};

inline constexpr SeedSource kOtherHuge = {"other-huge", "s", R"(
  .bss
  .globl other_huge
other_huge: .zero 1700000000
  .data
  .globl small
small: .quad in_huge, huge, in_other
  .text
  .globl in_other, main
  .type in_other, @function
main:
in_other:
  .cfi_startproc
  call in_huge
  jmp *in_huge@GOTPCREL(%rip)
  movabs $atexit, %rax
  call atexit@PLT
  lea _GLOBAL_OFFSET_TABLE_(%rip), %rdx
  mov __dso_handle@GOTPCREL(%rip), %rcx
  ret
  .cfi_endproc
)"};

inline constexpr SeedSource kThreads = {"threads", "c", R"(
int common_target;
__thread int mine = 3;
static __thread long own[4] __attribute__((aligned(64)));
__thread int* pointer = &common_target;
extern __thread int tls_of_host;
extern __thread int nowhere __attribute__((weak));
int main(int argc, char** argv) {
  (void)argv;
  own[argc & 3] += ++mine + tls_of_host;
  return pointer == &common_target ? (int)own[0] : nowhere;
}
)"};

}  // namespace enfold::fuzz

#endif  // ENFOLD_FUZZ_SEED_SOURCES_H_
