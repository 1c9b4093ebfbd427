// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints what a process finds when it starts. The system linker's program and `enfold run` have to print the same.
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

extern char** environ;

static int first_errno;
static int first_descriptor;
static unsigned short control, status;
static unsigned vector_control;

static FILE* out;

static void say(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(out, format, arguments);
  va_end(arguments);
}

static void show_file(const char* path) {
  char bytes[4096];
  int file = open(path, O_RDONLY);
  ssize_t size = read(file, bytes, sizeof bytes);
  close(file);
  while (size > 0 && bytes[size - 1] == 0) --size;
  say("%s: ", path);
  for (ssize_t i = 0; i < size; i++) say("%c", bytes[i] == 0 ? '|' : bytes[i]);
  say("\n");
}

// The values that are the same in every process of one system; of the others, that they are there.
static int is_stable(unsigned long type) {
  switch (type) {
    case AT_PHENT: case AT_PAGESZ: case AT_FLAGS: case AT_UID: case AT_EUID: case AT_GID: case AT_EGID: case AT_HWCAP:
    case AT_CLKTCK: case AT_SECURE: case AT_HWCAP2: case AT_MINSIGSTKSZ: return 1;
    default: return 0;
  }
}

static void show_stack(int argc, char** argv, char** envp) {
  long count = 0;
  memcpy(&count, argv - 1, sizeof count);
  say("argc %d %ld\n", argc, count);
  for (int i = 0; i < argc; i++) say("argv[%d] %s\n", i, argv[i]);
  char** entry = argv + argc;
  say("ends %d, then the environment %d, which is environ %d\n", *entry == NULL, entry + 1 == envp, envp == environ);
  for (entry++; *entry != NULL; entry++) say("%s\n", *entry);
  for (Elf64_auxv_t* aux = (Elf64_auxv_t*)(entry + 1); aux->a_type != AT_NULL; aux++) {
    if (aux->a_type == AT_IGNORE) continue;
    say("auxv %lu", (unsigned long)aux->a_type);
    if (is_stable(aux->a_type)) say(" %lu", (unsigned long)aux->a_un.a_val);
    say(" as asked for %d\n", getauxval(aux->a_type) == aux->a_un.a_val);
  }
}

static void show_names(void) {
  char name[17] = "";
  prctl(PR_GET_NAME, name);
  say("comm %s, execfn %s\n", name, (const char*)getauxval(AT_EXECFN));
  say("invocation %s %s\n", program_invocation_name, program_invocation_short_name);
  show_file("/proc/self/cmdline");
  show_file("/proc/self/environ");
  show_file("/proc/self/comm");
}

static void show_signals(void) {
  sigset_t mask, pending;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  sigpending(&pending);
  for (int i = 1; i < NSIG; i++) {
    struct sigaction action;
    if (sigaction(i, NULL, &action) != 0) continue;
    const char* disposition = action.sa_handler == SIG_DFL ? "" : action.sa_handler == SIG_IGN ? "ignored" : "handled";
    if (*disposition != 0 || sigismember(&mask, i) || sigismember(&pending, i))
      say("signal %d %s %d %d %x\n", i, disposition, sigismember(&mask, i), sigismember(&pending, i), action.sa_flags);
  }
  stack_t stack;
  sigaltstack(NULL, &stack);
  say("alternate stack %p %d\n", stack.ss_sp, stack.ss_flags);
}

static void show_descriptors(void) {
  for (int i = 0; i < 256; i++) {
    struct stat found;
    if (i == fileno(out) || fcntl(i, F_GETFD) == -1) continue;
    fstat(i, &found);
    say("descriptor %d %x %x", i, (unsigned)fcntl(i, F_GETFD), (unsigned)fcntl(i, F_GETFL));
    say(" %o\n", found.st_mode & S_IFMT);
  }
  say("first free %d\n", first_descriptor);
}

static void show_limits(void) {
  for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
    struct rlimit limit;
    getrlimit((__rlimit_resource_t)i, &limit);
    say("limit %d %lx %lx\n", i, (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
  }
}

static void show_process(void) {
  struct itimerval timer;
  getitimer(ITIMER_REAL, &timer);
  int threads = 0;
  DIR* tasks = opendir("/proc/self/task");
  for (struct dirent* entry; tasks != NULL && (entry = readdir(tasks)) != NULL;) threads += entry->d_name[0] != '.';
  closedir(tasks);
  int death = -1;
  prctl(PR_GET_PDEATHSIG, &death);
  mode_t mask = umask(0);
  umask(mask);
  char directory[4096] = "";
  say("errno %d, floating point %x %x %x\n", first_errno, control, status, vector_control);
  say("personality %x, umask %o, nice %d, threads %d, timer %ld, locale %s\n", (unsigned)personality(0xffffffff), mask,
      getpriority(PRIO_PROCESS, 0), threads, (long)timer.it_value.tv_sec, setlocale(LC_ALL, NULL));
  say("dumpable %d, no new privileges %d, death signal %d, keep capabilities %d, subreaper %d, seccomp %d\n",
      prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), death, prctl(PR_GET_KEEPCAPS), 0,
      prctl(PR_GET_SECCOMP));
  say("directory %s, group %d, session %d\n", getcwd(directory, sizeof directory), getpgrp() == getpid(),
      getsid(0) == getpid());
}

static void show_lines(const char* path, const char* const* names) {
  char line[1024];
  FILE* file = fopen(path, "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    for (int i = 0; names[i] != NULL; i++) {
      if (strncmp(line, names[i], strlen(names[i])) == 0) say("%s", line);
    }
  }
  if (file != NULL) fclose(file);
}

extern const unsigned __rseq_size, __rseq_flags __attribute__((weak));

// What the kernel keeps for the process or its thread, and does not say elsewhere.
static void show_kernel_state(void) {
  const char* const kStatus[] = {"Umask", "State", "Uid", "Gid", "Groups", "VmLck", "VmPin", "Threads", "SigPnd",
                                 "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "Cap", "NoNewPrivs", "Seccomp", "Speculation",
                                 "Cpus_allowed", "Mems_allowed", "CoreDumping", "THP_enabled", "untag_mask", NULL};
  show_lines("/proc/self/status", kStatus);
  for (const char* const* path = (const char* const[]){"/proc/self/limits", "/proc/self/timers",
                                                       "/proc/self/oom_score_adj", "/proc/self/coredump_filter",
                                                       "/proc/self/timerslack_ns", NULL};
       *path != NULL; path++) {
    if (access(*path, R_OK) == 0) show_file(*path);
  }
  int policy = -1;
  unsigned long nodes[16] = {0}, gs = 1;
  const long got = syscall(SYS_get_mempolicy, &policy, nodes, sizeof nodes * 8, NULL, 0);
  say("memory policy %ld %d %lx\n", got, policy, nodes[0]);
  struct robust_list_head* robust = NULL;
  size_t size = 0;
  syscall(SYS_get_robust_list, 0, &robust, &size);
  say("robust list %d, empty %d, %zu\n", robust != NULL, robust != NULL && robust->list.next == &robust->list, size);
  say("rseq %u %u\n", &__rseq_size != NULL ? __rseq_size : 0, &__rseq_size != NULL ? __rseq_flags : 0);
  for (int i = ITIMER_REAL; i <= ITIMER_PROF; i++) {
    struct itimerval timer;
    getitimer((__itimer_which_t)i, &timer);
    say("timer %d %ld %ld\n", i, (long)timer.it_value.tv_sec, (long)timer.it_interval.tv_sec);
  }
  struct rusage own, children;
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  say("used more than ten seconds %d; children %d\n", own.ru_utime.tv_sec + own.ru_stime.tv_sec > 10,
      children.ru_maxrss != 0);
  syscall(SYS_arch_prctl, 0x1004 /* ARCH_GET_GS */, &gs);
  int subreaper = -1, tsc = -1;
  prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
  prctl(PR_GET_TSC, &tsc);
  say("gs %lx, scheduler %d, io priority %ld, timer slack %d, subreaper %d, tsc %d, mce %d, huge pages off %d\n", gs,
      sched_getscheduler(0), syscall(SYS_ioprio_get, 1, 0), prctl(PR_GET_TIMERSLACK), subreaper, tsc,
      prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  unsigned long pages = 0;
  FILE* memory = fopen("/proc/self/statm", "r");
  if (memory != NULL && fscanf(memory, "%lu", &pages) != 1) pages = 0;
  if (memory != NULL) fclose(memory);
  say("address space of 256 MiB or more %d\n", pages >= 65536);
}

// As titles are set: over the arguments and the environment, as far as their strings lie behind each other.
static void show_title(int argc, char** argv) {
  char* end = argv[0];
  for (int i = 0; i < argc; i++) {
    if (argv[i] == end) end += strlen(argv[i]) + 1;
  }
  const size_t size = (size_t)(end - argv[0]);
  memset(argv[0], 0, size);
  memcpy(argv[0], "t", size > 1);
  show_file("/proc/self/cmdline");
}

__attribute__((constructor)) static void start(int argc, char** argv, char** envp) {
  first_errno = errno;
  __asm__ volatile("fnstcw %0\n\tfnstsw %1\n\tstmxcsr %2" : "=m"(control), "=m"(status), "=m"(vector_control));
  first_descriptor = open(".", O_RDONLY);
  close(first_descriptor);
  out = fopen(argv[1], "w");
  say("constructor %d %d %d\n", argc, (void*)(argv + argc + 1) == (void*)envp, envp == environ);
}

int main(int argc, char** argv, char** envp) {
  show_stack(argc, argv, envp);
  show_names();
  show_signals();
  show_descriptors();
  show_limits();
  show_process();
  show_kernel_state();
  show_title(argc, argv);
  return fclose(out) != 0;
}
