// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "watch.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

namespace enfold::test {
namespace {

class WatchedMemory final : public MemoryProvider {
 public:
  explicit WatchedMemory(Watch& watch) : watch_(watch) {}

  Expected<AddressRange> locate(const Constraint& constraint, std::uint64_t span) override {
    if (auto failure = watch_.enter("locate")) return std::unexpected(std::move(*failure));
    auto result = inner_->locate(constraint, span);
    watch_.leave();
    return result;
  }
  Expected<Block> reserve(const Constraint& constraint, AddressRange within,
                          std::span<const SegmentRequest> segments) override {
    if (auto failure = watch_.enter("reserve")) return std::unexpected(std::move(*failure));
    auto result = inner_->reserve(constraint, within, segments);
    watch_.blocks += result ? 1 : 0;
    watch_.leave();
    return result;
  }
  Expected<void> seal(Block& block, SealStage stage) override {
    if (auto failure = watch_.enter("seal")) return std::unexpected(std::move(*failure));
    auto result = inner_->seal(block, stage);
    watch_.leave();
    return result;
  }
  Expected<void> rewrite(std::span<const WordWrite> words) override {
    if (auto failure = watch_.enter("rewrite")) return std::unexpected(std::move(*failure));
    auto result = inner_->rewrite(words);
    watch_.leave();
    return result;
  }
  Expected<void> hand_over(Block& block) override {
    if (auto failure = watch_.enter("hand_over")) return std::unexpected(std::move(*failure));
    auto result = inner_->hand_over(block);
    watch_.leave();
    return result;
  }
  Expected<void> take_back(Block& block) override {
    if (auto failure = watch_.enter("take_back")) return std::unexpected(std::move(*failure));
    auto result = inner_->take_back(block);
    watch_.leave();
    return result;
  }
  void release(Block& block) noexcept override {
    --watch_.blocks;
    inner_->release(block);
    watch_.leave();
  }

 private:
  Watch& watch_;
  std::shared_ptr<MemoryProvider> inner_ = make_private_memory();
};

class WatchedRuntime final : public RuntimeHooks {
 public:
  explicit WatchedRuntime(Watch& watch) : watch_(watch) {}

  std::optional<HostSymbol> find(void* library, const std::string& symbol) override {
    return inner_->find(library, symbol);
  }
  Expected<void> check() override { return inner_->check(); }
  Expected<void*> open_library(const std::string& path, bool global) override {
    if (auto failure = watch_.enter("open_library")) return std::unexpected(std::move(*failure));
    auto result = inner_->open_library(path, global);
    watch_.libraries += result ? 1 : 0;
    watch_.leave();
    return result;
  }
  void close_library(void* library) noexcept override {
    --watch_.libraries;
    inner_->close_library(library);
    watch_.leave();
  }
  void* find_loaded_library(const std::string& path) override {
    void* library = inner_->find_loaded_library(path);
    watch_.libraries += library != nullptr ? 1 : 0;
    return library;
  }
  Expected<void> register_frames(const FrameTables& frames) override {
    if (auto failure = watch_.enter("register_frames")) return std::unexpected(std::move(*failure));
    auto result = inner_->register_frames(frames);
    watch_.frame_tables += result ? 1 : 0;
    watch_.leave();
    return result;
  }
  void deregister_frames(const FrameTables& frames) noexcept override {
    --watch_.frame_tables;
    inner_->deregister_frames(frames);
    watch_.leave();
  }
  TargetAddr resolve_indirect(TargetAddr resolver) override {
    const TargetAddr result = inner_->resolve_indirect(resolver);
    watch_.leave();
    return result;
  }
  Expected<void> at_exit(void (*function)(void*), void* argument, TargetAddr handle) override {
    if (auto failure = watch_.enter("at_exit")) return std::unexpected(std::move(*failure));
    auto result = inner_->at_exit(function, argument, handle);
    watch_.exit_handlers[value(handle)] += result ? 1 : 0;
    watch_.leave();
    return result;
  }
  void finalize(TargetAddr handle) override {
    inner_->finalize(handle);
    watch_.exit_handlers.erase(value(handle));
    watch_.leave();
  }
  Expected<ThreadModule> add_thread_module(const ThreadImage& image, bool is_static) override {
    if (auto failure = watch_.enter("add_thread_module")) return std::unexpected(std::move(*failure));
    auto result = inner_->add_thread_module(image, is_static);
    watch_.thread_modules += result ? 1 : 0;
    watch_.leave();
    return result;
  }
  void remove_thread_module(const ThreadModule& module) noexcept override {
    --watch_.thread_modules;
    inner_->remove_thread_module(module);
    watch_.leave();
  }
  Expected<ThreadImport> import_thread_local(void* library, const std::string& symbol) override {
    if (auto failure = watch_.enter("import_thread_local")) return std::unexpected(std::move(*failure));
    auto result = inner_->import_thread_local(library, symbol);
    watch_.libraries += result ? 1 : 0;
    watch_.leave();
    return result;
  }
  Expected<void> check_data_list() override { return inner_->check_data_list(); }
  Expected<void> list_data(TargetAddr begin, std::uint64_t size) override {
    if (auto failure = watch_.enter("list_data")) return std::unexpected(std::move(*failure));
    auto result = inner_->list_data(begin, size);
    watch_.data_ranges += result ? 1 : 0;
    watch_.leave();
    return result;
  }
  void unlist_data(TargetAddr begin, std::uint64_t size) noexcept override {
    --watch_.data_ranges;
    inner_->unlist_data(begin, size);
    watch_.leave();
  }
  ThreadFunctions thread_functions() override { return inner_->thread_functions(); }
  TargetAddr thread_address(std::uint64_t module, std::uint64_t offset) override {
    return inner_->thread_address(module, offset);
  }
  Expected<std::uint64_t> object_tables_size(const ObjectImage& image) override {
    if (auto failure = watch_.enter("object_tables_size")) return std::unexpected(std::move(*failure));
    return inner_->object_tables_size(image);
  }
  Expected<void*> load_object(const ObjectImage& image, const std::function<bool(const LoadedObject&)>& fill) override {
    if (auto failure = watch_.enter("load_object")) return std::unexpected(std::move(*failure));
    auto result = inner_->load_object(image, fill);
    watch_.libraries += result ? 1 : 0;
    watch_.leave();
    return result;
  }
  void call_initializer(TargetAddr function, int argc, char** argv, char** envp) override {
    inner_->call_initializer(function, argc, argv, envp);
    watch_.leave();
  }
  void call_finalizer(TargetAddr function) override {
    inner_->call_finalizer(function);
    watch_.leave();
  }

 private:
  Watch& watch_;
  std::shared_ptr<RuntimeHooks> inner_ = make_process_runtime();
};

}  // namespace

std::vector<MapLine> address_map() {
  std::vector<MapLine> map;
  std::ifstream file("/proc/self/maps");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    MapLine entry;
    char dash = 0;
    std::string offset, device, inode;
    words >> std::hex >> entry.range.lo >> dash >> entry.range.hi >> entry.protection >> offset >> device >> inode;
    words >> entry.path;
    if (entry.path != "[heap]") map.push_back(std::move(entry));
  }
  return map;
}

std::string protection_at(TargetAddr address) {
  for (const MapLine& line : address_map()) {
    if (value(address) >= line.range.lo && value(address) < line.range.hi) return line.protection;
  }
  return "";
}

bool anything_writable_and_executable() {
  return std::ranges::any_of(address_map(), [](const MapLine& line) {
    return line.protection.find('w') != std::string::npos && line.protection.find('x') != std::string::npos;
  });
}

bool Watch::nothing_held() const {
  const bool exits = std::ranges::any_of(exit_handlers, [](const auto& entry) { return entry.second != 0; });
  return frame_tables == 0 && libraries == 0 && blocks == 0 && thread_modules == 0 && data_ranges == 0 && !exits;
}

std::optional<Error> Watch::enter(const char* function) {
  if (++call_count == fail_at) failing = function;
  if (failing != function || fail_at == 0) return std::nullopt;
  return Error(ErrorCode::kMemory, std::string(function).append(" was made to fail"));
}

SessionOptions watched(Watch& watch) {
  SessionOptions options;
  options.detail = Detail::kSummary;
  options.memory = std::make_shared<WatchedMemory>(watch);
  options.runtime = std::make_shared<WatchedRuntime>(watch);
  return options;
}

}  // namespace enfold::test
