// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception that one thread keeps as std::exception_ptr is thrown again in another, the same object.
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>
#include <exception>
#include <pthread.h>

struct Error {
  int code;
};
static std::exception_ptr kept;
static const Error* thrown;
static void* run(void* unused) {
  try {
    throw Error{17};
  } catch (const Error& error) {
    thrown = &error;
    kept = std::current_exception();
  }
  return unused;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, run, nullptr);
  pthread_join(thread, nullptr);
  try {
    std::rethrow_exception(kept);
  } catch (const Error& error) {
    std::printf("%d %d\n", error.code, &error == thrown);
  }
}
