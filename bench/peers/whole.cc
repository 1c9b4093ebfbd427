// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <dlfcn.h>

#include <algorithm>

#include <enfold/enfold.h>

#include "warm_up.h"
#include "workloads.h"

namespace enfold::bench {
namespace {

void open_libraries(const Program& program) {
  for (const std::string& library : program.libraries) {
    if (!dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) throw Failure(dlerror());
  }
}

CALLS_LINKED_CODE void check(void* entry, const Program& program) {
  if (!entry) throw Failure("no entry");
  const long result = reinterpret_cast<long (*)(long)>(entry)(program.argument);
  if (result == program.result) return;
  throw Failure("linked code returned " + std::to_string(result) + ", not " + std::to_string(program.result));
}

double more(std::uint64_t now, std::uint64_t before) { return now > before ? static_cast<double>(now - before) : 0; }

}  // namespace

Metrics whole(const PeerKind& kind, const Copies& tiny, const Program& program) {
  open_libraries(program);
  const auto peer = kind.make();
  peer->prepare(program.objects);
  warm_up(*peer, tiny);
  reset_peak();
  const Footprint before = footprint();
  const double cpu_before = processor_microseconds();
  auto start = Clock::now();
  Linking linked = peer->link(program.objects, program.entry);
  const double link_us = microseconds(start);
  const double cpu_us = processor_microseconds() - cpu_before;
  const Footprint after = footprint();
  const std::uint64_t peak = kind.is_process ? after.child_peak + before.resident : peak_resident();
  start = Clock::now();
  if (kind.runs_code) check(linked.entry, program);
  const double call_us = microseconds(start);
  start = Clock::now();
  linked.code.reset();
  const double unload_us = microseconds(start);
  start = Clock::now();
  linked = peer->link(program.objects, program.entry);
  const double again_us = microseconds(start);
  if (kind.runs_code) check(linked.entry, program);
  return {{"link_us", link_us},
          {"link_cpu_us", cpu_us},
          {"first_call_us", call_us},
          {"unload_us", unload_us},
          {"again_us", again_us},
          {"resident", more(after.resident, before.resident)},
          {"peak", std::max(more(peak, before.resident), more(after.resident, before.resident))},
          {"mappings", more(after.mapping_count, before.mapping_count)},
          {"faults", more(after.fault_count, before.fault_count)}};
}

Metrics passes(const Program& program) {
  open_libraries(program);
  SessionOptions options;
  options.detail = Detail::kSummary;
  auto session = Session::create(std::move(options));
  if (!session) throw Failure(session.error().text());
  ObjectSet set("passes");
  for (const Input& object : program.objects) set.add_bytes(object.bytes, object.name);
  const auto start = Clock::now();
  const auto linked = (*session)->link(std::move(set));
  const double link_us = microseconds(start);
  if (!linked) throw Failure(linked.error().text());
  const Plan& plan = linked->plan();
  Metrics metrics = {{"objects", static_cast<double>(plan.object_count)},
                     {"sections", static_cast<double>(plan.section_count)},
                     {"relocations", static_cast<double>(plan.relocation_count)},
                     {"written", static_cast<double>(linked->usage().written_size)},
                     {"link_us", link_us}};
  for (const PassTime& pass : plan.passes) {
    const std::string name = "pass:" + std::string(pass.pass);
    const double us = std::chrono::duration<double, std::micro>(pass.time).count();
    const auto known = std::ranges::find(metrics, name, &Metrics::value_type::first);
    if (known == metrics.end())
      metrics.emplace_back(name, us);
    else
      known->second += us;
  }
  return metrics;
}

}  // namespace enfold::bench
