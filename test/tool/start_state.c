// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints what a process finds when it starts. The system linker's program and `enfold run` have to print the same.
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
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
  show_title(argc, argv);
  return fclose(out) != 0;
}
