// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <enfold/c.h>
#include <stdio.h>

int main(int argc, char** argv) {
  enfold_session* session;
  enfold_linked_set* linked;
  enfold_function answer;
  enfold_object_set* set = enfold_set_create("consumer");
  enfold_set_add_file(set, argv[argc - 1]);
  enfold_error* error = enfold_session_create(NULL, 0, &session);
  if (!error) error = enfold_session_link(session, set, &linked);
  if (!error) error = enfold_linked_function(linked, "answer", &answer);
  if (error) return puts(enfold_error_text(error)), 1;
  printf("%d\n", ((int (*)(int))answer)(6));
}
