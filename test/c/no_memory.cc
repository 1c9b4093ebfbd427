// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a C program does around a link, with the n-th allocation refused, for every n: each call ends with an error or
// without, nothing that was thrown comes through, and nothing is left behind. no_memory OBJECT
#include <enfold/c.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>

namespace {

constexpr long kNever = -1;
long allocations_left = kNever;
bool refused = false;

bool refuse() {
  if (allocations_left == kNever || allocations_left-- != 0) return false;
  allocations_left = kNever;
  refused = true;
  return true;
}

}  // namespace

void* operator new(std::size_t size) {
  void* made = refuse() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (made == nullptr) throw std::bad_alloc();
  return made;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  void* made = refuse() ? nullptr : std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
  if (made == nullptr) throw std::bad_alloc();
  return made;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return refuse() ? nullptr : std::malloc(size); }
void operator delete(void* made) noexcept { std::free(made); }
void operator delete(void* made, std::size_t) noexcept { std::free(made); }
void operator delete(void* made, std::align_val_t) noexcept { std::free(made); }
void operator delete(void* made, std::size_t, std::align_val_t) noexcept { std::free(made); }
void operator delete(void* made, const std::nothrow_t&) noexcept { std::free(made); }

namespace {

// Whether a call went well; the text of what did not is asked for, and its memory may be what is refused.
bool well(enfold_error* error, enfold_code expected = ENFOLD_CODE_NONE) {
  const enfold_code code = enfold_error_code(error);
  const std::string_view text = enfold_error_text(error);
  const bool as_expected = code == expected;
  if (!as_expected && (code != ENFOLD_CODE_MEMORY || text.find("memory") == text.npos || !refused)) {
    std::printf("%s\n", text.data());
    std::exit(1);
  }
  enfold_error_free(error);
  return as_expected;
}

struct Live {
  enfold_session* session = nullptr;
  enfold_linked_set* linked = nullptr;
  enfold_users* users = nullptr;
};

enfold_object_set* new_set(const char* object) {
  enfold_object_set* set = enfold_set_create("a set whose name does not fit into the string itself");
  enfold_set_add_file(set, object);
  enfold_set_add_root(set, "answer");
  return set;
}

// Until something is refused.
void go_through(Live& live, const char* object) {
  enfold_function answer;
  size_t count;
  if (!well(enfold_session_create(nullptr, 0, &live.session))) return;
  if (!well(enfold_session_define(live.session, "there", &live, ENFOLD_SYMBOL_KIND_DATA))) return;
  enfold_object_set* set = new_set(object);
  const long left = std::exchange(allocations_left, kNever);
  if (!well(enfold_session_link(live.session, set, &live.linked))) return;
  allocations_left = left;
  if (!well(enfold_linked_function(live.linked, "answer", &answer))) return;
  if (!well(enfold_linked_function(live.linked, "question", &answer), ENFOLD_CODE_NOT_FOUND)) return;
  if (!well(enfold_linked_users(live.linked, &live.users))) return;
  if (!well(enfold_session_windows(live.session, nullptr, 0, &count))) return;
}

void give_back(const Live& live) {
  enfold_users_free(live.users);
  enfold_linked_free(live.linked);
  enfold_memory_use use = {};
  if (live.session != nullptr && well(enfold_session_memory_use(live.session, &use, sizeof use)) &&
      use.block_count != 0) {
    std::printf("%lu blocks are left\n", static_cast<unsigned long>(use.block_count));
    std::exit(1);
  }
  enfold_session_free(live.session);
}

}  // namespace

int main(int, char** argv) {
  long n = 0;
  do {
    Live live;
    refused = false;
    allocations_left = n++;
    go_through(live, argv[1]);
    allocations_left = kNever;
    give_back(live);
  } while (refused);
  std::printf("%ld allocations, each refused once\n", n - 1);
  return n < 20;
}
