// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets that live side by side, their users and versions; what a session defines.
#include <elf.h>

#include "lists.h"

namespace enfold::linear {
namespace {

constexpr std::uint8_t kWeakFunction = ELF64_ST_INFO(STB_WEAK, STT_FUNC);

ObjectSet set_of(const Bytes& object, SetOptions options = {}) {
  ObjectSet set("set");
  set.options() = std::move(options);
  set.add_bytes(object, "list.o");
  return set;
}

SetOptions replaceable(Replaceable how = Replaceable::kByOthers) {
  SetOptions options;
  options.replaceable = how;
  return options;
}

std::shared_ptr<const Bytes> shared(Bytes bytes) { return std::make_shared<const Bytes>(std::move(bytes)); }

// "f0", "f1" and so on, each by an object of its own that calls the one before.
std::vector<Bytes> objects_in_a_chain(std::uint32_t n) {
  std::vector<Bytes> all;
  for (std::uint32_t i = 0; i < n; ++i) {
    ElfBuilder b;
    const std::uint32_t code = add_code(b, 16);
    add_function(b, "f" + std::to_string(i), code);
    if (i != 0) {
      const std::uint32_t before = b.add_symbol("f" + std::to_string(i - 1), fuzz::kGlobalNone, SHN_UNDEF);
      b.add_relocations(code, {rela(0, before, R_X86_64_PLT32, -4)});
    }
    all.push_back(build(b));
  }
  return all;
}

enum class Going { kFirstFirst, kLastFirst, kAllAtOnce };

// Each uses the one before.
template <Going going>
Work sets_in_a_chain(std::uint32_t n) {
  const auto objects = std::make_shared<std::vector<Bytes>>(objects_in_a_chain(n));
  return [objects] {
    const auto session = new_session();
    std::vector<LinkedSet> live;
    for (const Bytes& object : *objects) live.push_back(must(session->link(set_of(object))));
    for (const LinkedSet& set : live) static_cast<void>(set.users());
    if (going == Going::kAllAtOnce) require(session->unload_all().has_value(), "the sets stay");
    while (going == Going::kLastFirst && !live.empty()) live.pop_back();
    for (LinkedSet& set : live) LinkedSet gone = std::move(set);  // goes with its last user
  };
}

template <Going going>
Work sets(std::uint32_t n) {
  const auto object = shared(object_that_defines({"f"}));
  return [object, n] {
    const auto session = new_session();
    std::vector<LinkedSet> live;
    SetOptions options;
    options.visibility = Visibility::kPrivate;
    for (std::uint32_t i = 0; i < n; ++i) live.push_back(must(session->link(set_of(*object, options))));
    for (const LinkedSet& set : live) {
      const TargetAddr f = must(set.address("f"));
      require(session->describe(f).has_value(), "an address that is nobody's");
    }
    if (going == Going::kAllAtOnce) require(session->unload_all().has_value(), "the sets stay");
    while (going == Going::kLastFirst && !live.empty()) live.pop_back();
    for (LinkedSet& set : live) LinkedSet gone = std::move(set);
  };
}

Work users_of_one_set(std::uint32_t n) {
  const auto provider = shared(object_that_defines({"f"})), user = shared(object_that_calls({"f"}));
  return [provider, user, n] {
    const auto session = new_session();
    LinkedSet set = must(session->link(set_of(*provider)));
    std::vector<LinkedSet> users;
    for (std::uint32_t i = 0; i < n; ++i) users.push_back(must(session->link(set_of(*user))));
    require(set.users().size() == n && !set.unload(), "the set has other users");
    while (!users.empty()) users.pop_back();
    require(set.unload().has_value(), "the set stays");
  };
}

Work providers_of_one_set(std::uint32_t n) {
  const auto objects = std::make_shared<std::vector<Bytes>>();
  for (const std::string& name : names(n)) objects->push_back(object_that_defines({name}));
  const auto user = shared(object_that_calls(names(n)));
  return [objects, user] {
    const auto session = new_session();
    std::vector<LinkedSet> live;
    for (const Bytes& object : *objects) live.push_back(must(session->link(set_of(object))));
    LinkedSet set = must(session->link(set_of(*user)));
    require(set.unload().has_value(), "the set stays");
    while (!live.empty()) live.pop_back();
  };
}

// The definitions behind the first come to be seen, one after another.
Work weak_definitions_of_one_name(std::uint32_t n) {
  ElfBuilder b;
  b.add_symbol("f", kWeakFunction, static_cast<std::uint16_t>(add_code(b, 8)));
  const auto object = shared(build(b));
  return [object, n] {
    const auto session = new_session();
    std::vector<LinkedSet> live;
    for (std::uint32_t i = 0; i < n; ++i) live.push_back(must(session->link(set_of(*object))));
    for (LinkedSet& set : live) {
      require(session->address("f").has_value(), "no definition is seen");
      LinkedSet gone = std::move(set);
    }
  };
}

template <Naming naming>
Work weak_definitions_of_many_names(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, 8);
  for (const std::string& name : names(n, naming)) b.add_symbol(name, kWeakFunction, static_cast<std::uint16_t>(code));
  const auto object = shared(build(b));
  return [object] {
    const auto session = new_session();
    LinkedSet first = must(session->link(set_of(*object))), second = must(session->link(set_of(*object)));
    require(first.unload().has_value() && second.unload().has_value(), "the sets stay");
  };
}

// ---- What a session defines

template <Naming naming>
Work definitions(std::uint32_t n) {
  const auto all = std::make_shared<std::vector<std::string>>(names(n, naming));
  const auto user = shared(object_that_calls(*all));
  return [all, user] {
    const auto session = new_session();
    for (const std::string& name : *all) {
      require(session->define(name, TargetAddr{0x4000}, HostSymbolKind::kFunction).has_value(), "defined already");
    }
    LinkedSet set = must(session->link(set_of(*user)));
    for (const std::string& name : *all) require(session->address(name).has_value(), "not defined");
  };
}

Work roots(std::uint32_t n) {
  SetOptions options;
  options.gc_sections = true;
  options.roots = names(n);
  const auto object = shared(object_that_defines(names(n), true));
  return [object, options] {
    const auto session = new_session();
    const LinkedSet set = must(session->link(set_of(*object, options)));
    for (const std::string& root : options.roots) require(set.address(root).has_value(), "no such root");
  };
}

Work sets_that_are_named(std::uint32_t n) {
  const auto object = shared(object_that_defines({"f"})), user = shared(object_that_calls({"f"}));
  return [object, user, n] {
    const auto session = new_session();
    std::vector<LinkedSet> live;
    SetOptions options;
    options.visibility = Visibility::kPrivate;
    ObjectSet last = set_of(*user);
    for (std::uint32_t i = 0; i < n; ++i) {
      live.push_back(must(session->link(set_of(*object, options))));
      last.use(live.back());
      last.share_with(live.back());
    }
    const LinkedSet set = must(session->link(std::move(last)));
  };
}

// ---- Versions

// Each takes the place of the one before.
Work versions(std::uint32_t n, bool held) {
  const auto object = shared(object_that_defines({"f"})), user = shared(object_that_calls({"f"}));
  return [object, user, n, held] {
    const auto session = new_session();
    LinkedSet set = must(session->link(set_of(*object, replaceable())));
    std::vector<LinkedSet> old;
    {
      const LinkedSet caller = must(session->link(set_of(*user)));
      for (std::uint32_t i = 0; i < n; ++i) {
        LinkedSet before = must(session->replace(set, set_of(*object, replaceable())));
        if (held) old.push_back(std::move(before));
      }
    }
    old.clear();
    require(set.unload().has_value(), "the set stays");
  };
}

Work versions_in_a_row(std::uint32_t n) { return versions(n, false); }
Work versions_held(std::uint32_t n) { return versions(n, true); }

template <Replaceable how, Naming naming>
Work functions_of_a_version(std::uint32_t n) {
  const auto object = shared(object_that_defines(names(n, naming))), user = shared(object_that_calls(names(n, naming)));
  return [object, user] {
    const auto session = new_session();
    LinkedSet set = must(session->link(set_of(*object, replaceable(how))));
    const LinkedSet caller = must(session->link(set_of(*user)));
    for (int i = 0; i < 2; ++i) {
      const LinkedSet old = must(session->replace(set, set_of(*object, replaceable(how))));
    }
  };
}

// Variables, each in a section of its own, that new versions go on with.
template <Naming naming>
Work variables_that_are_kept(std::uint32_t n) {
  ElfBuilder b;
  for (const std::string& name : names(n, naming)) {
    const std::uint32_t section =
        b.add_section({.name = ".data." + name, .flags = SHF_ALLOC | SHF_WRITE, .align = 8, .contents = Bytes(8)});
    b.add_symbol(name, fuzz::kGlobalObject, static_cast<std::uint16_t>(section), 0, 8);
  }
  const auto object = shared(build(b));
  return [object] {
    const auto session = new_session();
    LinkedSet set = must(session->link(set_of(*object, replaceable())));
    for (int i = 0; i < 2; ++i) {
      const LinkedSet old = must(session->replace(set, set_of(*object, replaceable()), {.keep_state = true}));
    }
  };
}

constexpr List kLists[] = {
    {"sets, the first one first", sets<Going::kFirstFirst>, 250},
    {"sets, the last one first", sets<Going::kLastFirst>, 250},
    {"sets, all at once", sets<Going::kAllAtOnce>, 250},
    {"sets in a chain, the first one first", sets_in_a_chain<Going::kFirstFirst>, 250},
    {"sets in a chain, the last one first", sets_in_a_chain<Going::kLastFirst>, 250},
    {"sets in a chain, all at once", sets_in_a_chain<Going::kAllAtOnce>, 250},
    {"users of one set", users_of_one_set, 250},
    {"providers of one set", providers_of_one_set, 250},
    {"weak definitions of one name", weak_definitions_of_one_name, 250},
    {"weak definitions", weak_definitions_of_many_names<Naming::kPlain>},
    {"weak definitions: one std::hash", weak_definitions_of_many_names<Naming::kOneStdHash>},
    {"definitions", definitions<Naming::kPlain>},
    {"definitions: one std::hash", definitions<Naming::kOneStdHash>},
    {"roots", roots},
    {"sets that are named", sets_that_are_named, 250},
    {"versions in a row", versions_in_a_row, 125},
    {"versions, all held", versions_held, 125},
    {"functions of a version", functions_of_a_version<Replaceable::kByOthers, Naming::kPlain>, 250},
    {"functions of a version: one std::hash", functions_of_a_version<Replaceable::kByOthers, Naming::kOneStdHash>, 250},
    {"functions of a version, throughout", functions_of_a_version<Replaceable::kThroughout, Naming::kPlain>, 250},
    {"variables that are kept", variables_that_are_kept<Naming::kPlain>, 250},
    {"variables that are kept: one std::hash", variables_that_are_kept<Naming::kOneStdHash>, 250},
};

}  // namespace

std::span<const List> lists_of_sets() { return kLists; }

}  // namespace enfold::linear
