// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_SESSION_STATE_H_
#define ENFOLD_SESSION_STATE_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <enfold/session.h>

#include "runtime/set_record.h"
#include "scope.h"

namespace enfold {

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
};

struct Session::State {
  struct Visible {
    SetRecord* set = nullptr;  // null: defined by address
    TargetAddr address{};
    std::uint64_t size = 0;
    HostSymbolKind kind = HostSymbolKind::kUnknown;
    bool strong = false;
  };

  SessionOptions options;
  mutable std::mutex mutex;  // held to bind and to publish, never while anything is copied or run
  std::unordered_map<std::string, Visible, StringHash, std::equal_to<>> visible;
  // Further definitions of visible names, in the order of publishing: the first takes over when the visible one goes.
  std::unordered_map<std::string, std::vector<Visible>> shadowed;
};

// Makes the set's symbols visible and records whom it depends on. Fails when another link published a strong definition
// of the same name meanwhile.
Expected<void> publish(SetRecord& set);

// Unloads the set unless it is in use. Errors: kInUse.
Expected<void> unload(const std::shared_ptr<SetRecord>& set);

// The handle is gone: unloads the set now, or with its last dependent.
void drop(const std::shared_ptr<SetRecord>& set);

// What one link sees of a session. Every set that it found anything in stays loaded as long as the scope lives.
class SessionScope final : public Scope {
 public:
  explicit SessionScope(std::shared_ptr<Session::State> state) : state_(std::move(state)) {}
  SessionScope(const SessionScope&) = delete;
  SessionScope& operator=(const SessionScope&) = delete;
  ~SessionScope() override;

  std::optional<ScopeSymbol> find(std::string_view name) const override;

 private:
  std::shared_ptr<Session::State> state_;
  mutable std::vector<std::shared_ptr<SetRecord>> pinned_;
};

}  // namespace enfold

#endif  // ENFOLD_SESSION_STATE_H_
