// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// SQLite as one object, with a function that asks it something.
#include "sqlite3.c"

static int add(void* sum, int count, char** values, char** names) {
  (void)names;
  for (int i = 0; i < count; ++i) *(long*)sum += values[i] ? atol(values[i]) : 0;
  return 0;
}

long sqlite_entry(long n) {
  sqlite3* db = 0;
  long sum = 0;
  char query[256];
  snprintf(query, sizeof query,
           "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < %ld)"
           " SELECT i, i * i, length(hex(randomblob(i))) FROM t ORDER BY i DESC", n);
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return -1;
  if (sqlite3_exec(db, query, add, &sum, 0) != SQLITE_OK) sum = -2;
  sqlite3_close(db);
  return sum;
}
