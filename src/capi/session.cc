// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/linking.h"
#include "capi/look_up.h"

using namespace enfold;
using namespace enfold::capi;

namespace {

// The C++ options that C ones stand for. Errors: kInvalidArgument; kMemory.
Expected<SessionOptions> options_of(const enfold_session_options& from) {
  SessionOptions to;
  const auto kind = enumerator(from.memory, MemoryKind::kStrict);
  const auto detail = enumerator(from.detail, Detail::kSections);
  const auto debugger = enumerator(from.debugger, Debugger::kAll);
  const auto profiler = enumerator(from.profiler, Profiler::kJitDump);
  const auto symbols = enumerator(from.symbols, SymbolDetail::kAll);
  if (!kind || !detail || !debugger || !profiler || !symbols) {
    return std::unexpected(
        Error(ErrorCode::kInvalidArgument, "no such kind of memory, detail, debugger or profiler as an option names"));
  }
  if (*kind != MemoryKind::kAutomatic) {
    Expected<std::shared_ptr<MemoryProvider>> memory = make_memory(*kind);
    if (!memory) return std::unexpected(std::move(memory).error());
    to.memory = std::move(*memory);
  }
  to.debugger = *debugger;
  to.profiler = *profiler;
  to.argc = from.argc;
  to.argv = from.argv;
  to.envp = from.envp;
  to.detail = *detail;
  to.symbols = *symbols;
  to.thread_count = from.thread_count;
  to.list_data = from.list_data;
  if (from.progress != nullptr) {
    to.progress = [tell = from.progress, user = from.progress_user](std::string_view pass, std::size_t done,
                                                                    std::size_t total) {
      tell(user, c_string(pass), done, total);
    };
  }
  return to;
}

Expected<TargetAddr> found(const enfold_session& session, const char* symbol) {
  return session.session->address(symbol);
}

Expected<void> define(enfold_session* session, const char* symbol, std::uintptr_t address, enfold_symbol_kind kind) {
  if (auto done = present(session, symbol); !done) return done;
  const auto meant = enumerator(kind, HostSymbolKind::kThreadLocal);
  if (!meant) return std::unexpected(Error(ErrorCode::kInvalidArgument, "no such kind of symbol"));
  return session->session->define(symbol, TargetAddr{address}, *meant);
}

}  // namespace

enfold_error* enfold_session_create(const enfold_session_options* options, size_t size, enfold_session** session) {
  if (session != nullptr) *session = nullptr;
  return guarded([=]() -> Expected<void> {
    if (auto done = present(session); !done) return done;
    Expected<enfold_session_options> known = taken(options, size);
    if (!known) return std::unexpected(std::move(known).error());
    Expected<SessionOptions> meant = options_of(*known);
    if (!meant) return std::unexpected(std::move(meant).error());
    Expected<std::unique_ptr<Session>> created = Session::create(std::move(*meant));
    if (!created) return std::unexpected(std::move(created).error());
    *session = new enfold_session{.session = std::move(*created)};
    return {};
  });
}

void enfold_session_free(enfold_session* session) { delete session; }

enfold_error* enfold_session_plan(enfold_session* session, const enfold_object_set* set, enfold_plan** plan) {
  if (plan != nullptr) *plan = nullptr;
  return guarded([=]() -> Expected<void> {
    if (auto done = present(session, plan); !done) return done;
    if (auto done = sound(set); !done) return done;
    Expected<Plan> made = session->session->plan(set->set);
    if (!made) return std::unexpected(std::move(made).error());
    *plan = handle(new Plan(std::move(*made)));
    return {};
  });
}

enfold_error* enfold_session_link(enfold_session* session, enfold_object_set* set, enfold_linked_set** linked) {
  const std::unique_ptr<enfold_object_set> owned(set);
  if (linked != nullptr) *linked = nullptr;
  return guarded([=]() -> Expected<void> {
    if (auto done = present(session, linked); !done) return done;
    if (auto done = sound(set); !done) return done;
    auto live = std::make_unique<enfold_linked_set>();
    Expected<LinkedSet> made = session->session->link(std::move(set->set));
    if (!made) return std::unexpected(std::move(made).error());
    live->set = std::move(*made);
    *linked = live.release();
    return {};
  });
}

enfold_error* enfold_session_unload_all(enfold_session* session) {
  return guarded([=]() -> Expected<void> {
    if (auto done = present(session); !done) return done;
    return session->session->unload_all();
  });
}

enfold_error* enfold_session_define(enfold_session* session, const char* symbol, const void* address,
                                    enfold_symbol_kind kind) {
  return guarded([=] { return define(session, symbol, reinterpret_cast<std::uintptr_t>(address), kind); });
}

enfold_error* enfold_session_define_function(enfold_session* session, const char* symbol, enfold_function function) {
  return guarded(
      [=] { return define(session, symbol, reinterpret_cast<std::uintptr_t>(function), ENFOLD_SYMBOL_KIND_FUNCTION); });
}

enfold_error* enfold_session_address(const enfold_session* session, const char* symbol, void** address) {
  return look_up(session, symbol, address, found);
}

enfold_error* enfold_session_function(const enfold_session* session, const char* symbol, enfold_function* function) {
  return look_up(session, symbol, function, found);
}

enfold_error* enfold_session_memory_use(const enfold_session* session, enfold_memory_use* use, size_t size) {
  give({}, use, size);
  return guarded([=]() -> Expected<void> {
    if (auto done = present(session, use); !done) return done;
    const MemoryUse held = session->session->memory_use();
    const enfold_memory_use told = {.block_count = held.block_count,
                                    .granted = held.granted,
                                    .committed = held.committed,
                                    .mapping_count = held.mapping_count,
                                    .window_count = held.windows.size()};
    give(told, use, size);
    return {};
  });
}

enfold_error* enfold_session_windows(const enfold_session* session, enfold_window* windows, size_t capacity,
                                     size_t* count) {
  if (count != nullptr) *count = 0;
  return guarded([=]() -> Expected<void> {
    if (auto done = present(session, count); !done) return done;
    const MemoryUse held = session->session->memory_use();
    for (std::size_t i = 0; windows != nullptr && i < capacity && i < held.windows.size(); ++i) {
      const MemoryUse::Window& window = held.windows[i];
      windows[i] = {.lo = window.range.lo, .hi = window.range.hi, .taken = window.taken};
    }
    *count = held.windows.size();
    return {};
  });
}

bool enfold_describe(const enfold_session* session, const void* address, enfold_description* description, size_t size) {
  AddressNote note;
  const TargetAddr at{reinterpret_cast<std::uintptr_t>(address)};
  if (session == nullptr || !session->session->describe(at, note)) return false;
  const auto text = [](std::string_view view) { return view.empty() ? "" : view.data(); };
  give({.set = text(note.set),
        .object = text(note.object),
        .section = text(note.section),
        .symbol = text(note.symbol),
        .lo = note.range.lo,
        .hi = note.range.hi,
        .offset = note.offset},
       description, size);
  return true;
}

void enfold_session_trim(enfold_session* session) {
  if (session != nullptr) session->session->trim();
}
