// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `enfold plan`: the link that `enfold run` would make, counted and not made.
#include <enfold/enfold.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <utility>

#include "commands.h"
#include "output.h"
#include "plan_runtime.h"
#include "prepare.h"
#include "progress.h"
#include "render_json.h"
#include "render_text.h"
#include "status.h"

namespace tool {
namespace {

std::expected<enfold::Plan, std::string> make_plan(const Arguments& arguments) {
  auto prepared = prepare(arguments.link);
  if (!prepared) return std::unexpected(std::move(prepared).error());
  ProgressLine progress;
  enfold::SessionOptions options;
  bool sections = arguments.sections || arguments.link.map_path;
  options.detail = sections ? enfold::Detail::kSections : enfold::Detail::kSummary;
  options.progress = [&](auto pass, auto done, auto total) { progress.update(pass, done, total); };
  options.runtime = make_plan_runtime();
  auto session = open_session(arguments.link, std::move(options));
  if (!session) return std::unexpected(session.error().text());
  auto base = link_base(arguments.link, **session);
  if (!base) return std::unexpected(base.error().text());
  if (*base) prepared->set.share_with(**base);
  auto plan = (*session)->plan(prepared->set);
  if (!plan) return std::unexpected(plan.error().text());
  return std::move(*plan);
}

// Destructors of JSON values take memory, and where there is none the exception cannot leave them.
[[noreturn]] void terminate_or_say_why() {
  try {
    if (std::current_exception()) std::rethrow_exception(std::current_exception());
  } catch (const std::bad_alloc&) {
    std::_Exit(report(kNoMemory));
  } catch (...) {
    std::abort();
  }
  std::abort();
}

}  // namespace

// Nothing is written before all of it is there.
int plan(const Arguments& arguments) try {
  std::set_terminate(terminate_or_say_why);
  auto plan = make_plan(arguments);
  if (!plan) return report(plan.error());
  const std::string text =
      arguments.json ? render_json(*plan, arguments.sections) : render_plan(*plan, arguments.sections);
  if (arguments.link.map_path) {
    if (auto error = write_file(*arguments.link.map_path, render_map(*plan))) return report(*error);
  }
  if (!write_all(STDOUT_FILENO, text)) return report("cannot write to standard output");
  if (arguments.strict && !plan->unresolved.empty()) {
    return report(fmt::format("{} unresolved symbols", plan->unresolved.size()));
  }
  return 0;
} catch (const std::bad_alloc&) {
  return report(kNoMemory);
}

}  // namespace tool
