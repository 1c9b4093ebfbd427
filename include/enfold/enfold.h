// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// enfold links relocatable objects straight into a running process.
//
//   #include <enfold/enfold.h>
//   #include <cstdio>
//
//   int main() {
//     auto session = enfold::Session::create();
//     if (!session) return std::puts(session.error().text().c_str()), 1;
//
//     enfold::ObjectSet set("answer");
//     set.add_file("answer.o");                                     // int answer(int)
//
//     auto linked = (*session)->link(std::move(set));
//     if (!linked) return std::puts(linked.error().text().c_str()), 1;
//
//     auto answer = linked->function<int(int)>("answer");
//     if (!answer) return std::puts(answer.error().text().c_str()), 1;
//     std::printf("%d\n", (*answer)(6));
//   }                                                               // unloads the set
//
// States are types: ObjectSet (open) -> Plan (counted, nothing written) -> LinkedSet (live).
//
// Errors: where a function gives an Expected, want of memory is kMemory, and nothing is thrown but what callbacks
// throw. What takes memory and gives something else throws std::bad_alloc: adding to an ObjectSet, Session::describe's
// first form, Session::memory_use, LinkedSet::users, text(), printable() and demangle().
#ifndef ENFOLD_ENFOLD_H_
#define ENFOLD_ENFOLD_H_

#include <enfold/describe.h>
#include <enfold/error.h>
#include <enfold/linked_set.h>
#include <enfold/memory.h>
#include <enfold/object_set.h>
#include <enfold/plan.h>
#include <enfold/printable.h>
#include <enfold/runtime.h>
#include <enfold/session.h>

#endif  // ENFOLD_ENFOLD_H_
