// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects, made by the compilers when a test asks for them, and what most tests do with them.
#ifndef ENFOLD_TEST_C_SUPPORT_H_
#define ENFOLD_TEST_C_SUPPORT_H_

#include <enfold/c.h>

// The path of an object, one of a few of the process: valid until it ends. `suffix` is the source's: ".c", ".cc", ".s".
const char* object_of(const char* source, const char* suffix, const char* flags);
const char* c_object(const char* source);
// The path of the archive libNAME.a of one object, and the directory of all that is made.
const char* archive_of(const char* object, const char* name);
const char* scratch(void);

// What a file holds: to be freed.
void* bytes_of(const char* path, size_t* size);

enfold_session* new_session(void);
enfold_object_set* set_of(const char* name, const char* object);
enfold_linked_set* linked(enfold_session* session, enfold_object_set* set);
// Calls int NAME(int).
int call(const enfold_linked_set* set, const char* name, int argument);

#endif  // ENFOLD_TEST_C_SUPPORT_H_
