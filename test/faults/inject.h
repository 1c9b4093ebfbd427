// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes one call of the process fail, as it does where there is no more: the n-th of its kind, from all threads together.
// Linked into a program, or loaded in front of one (LD_PRELOAD), where the environment says which:
// ENFOLD_FAULT=KIND:N:DESCRIPTOR:WHEN. A byte is written to the descriptor when the call has failed. WHEN is `first` or
// `again`: in the process as it was started, or after the tool has executed itself once more.
#ifndef ENFOLD_TEST_FAULTS_INJECT_H_
#define ENFOLD_TEST_FAULTS_INJECT_H_

extern "C" {

// malloc, calloc, realloc, aligned_alloc and their kin, and by them operator new; mmap; mprotect; pthread_create; open;
// read (and pread); memfd_create.
enum FaultKind {
  kFaultAllocation,
  kFaultMap,
  kFaultProtect,
  kFaultThread,
  kFaultOpen,
  kFaultRead,
  kFaultFile,
  kFaultKindCount
};

// From now on, the n-th call of the kind fails, counted from 0; once, or (`more`) it and all that follow.
void enfold_fault_set(enum FaultKind kind, long n, int more);
// No call fails any more. Whether one did.
int enfold_fault_clear(void);
}

#endif  // ENFOLD_TEST_FAULTS_INJECT_H_
