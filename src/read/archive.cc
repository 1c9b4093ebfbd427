// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/archive.h"

#include <utility>

namespace enfold::read {
namespace {

// A thin archive may name members of another archive, which may be thin itself.
constexpr int kMaxNesting = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_trailing(std::string_view text, char c) {
  return text.substr(0, text.find_last_not_of(c) + 1);
}

std::optional<IndexForm> gnu_index_form(std::string_view header_name) {
  if (header_name == "/") return IndexForm::kGnu32;
  if (header_name == "/SYM64/") return IndexForm::kGnu64;
  return std::nullopt;
}

std::optional<IndexForm> bsd_index_form(std::string_view member_name) {
  if (member_name == "__.SYMDEF" || member_name == "__.SYMDEF SORTED") return IndexForm::kBsd32;
  if (member_name == "__.SYMDEF_64" || member_name == "__.SYMDEF_64 SORTED") return IndexForm::kBsd64;
  return std::nullopt;
}

std::string path_beside(const std::string& archive_path, std::string_view member_name) {
  if (member_name.starts_with('/')) return std::string(member_name);
  const std::size_t slash = archive_path.rfind('/');
  if (slash == std::string::npos) return std::string(member_name);
  return archive_path.substr(0, slash + 1) + std::string(member_name);
}

}  // namespace

Error Archive::malformed(std::uint64_t offset, std::string message) const {
  return Error(ErrorCode::kMalformed, std::move(message), {.object = path_, .offset = offset});
}

std::string Archive::display_name(std::string_view member_name) const {
  return path_ + "(" + std::string(member_name) + ")";
}

Expected<Archive> Archive::open(Source source, std::string path, const Enumerate& enumerate) {
  const std::string_view magic = source.beginning().text();
  const bool thin = magic.starts_with(kThinArchiveMagic);
  Archive archive(source, std::move(path), thin);
  if (!thin && !magic.starts_with(kArchiveMagic)) return std::unexpected(archive.malformed(0, "not an archive"));

  std::optional<IndexSource> index;
  if (auto read = archive.read_leading_members(index); !read) return std::unexpected(std::move(read.error()));
  if (!enumerate) return archive;
  if (index) {
    auto parsed = read_archive_index(*index, archive.path_);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    archive.index_ = std::move(*parsed);
  } else if (auto built = archive.build_index(enumerate); !built) {
    return std::unexpected(std::move(built.error()));
  }
  return archive;
}

// The index and the long names stand first. A second "/" is the sorted index that COFF librarians write beside the
// common one; it says the same.
Expected<void> Archive::read_leading_members(std::optional<IndexSource>& index) {
  while (first_member_ < source_.size()) {
    const std::optional<MemberHeader> header = read_member_header(source_, first_member_);
    if (!header) return std::unexpected(malformed(first_member_, "no member header here, or a truncated one"));
    const std::uint64_t contents_at = first_member_ + kMemberHeaderSize;
    const std::optional<Bytes> contents = source_.slice(contents_at, header->size);
    const std::optional<IndexForm> gnu_form = gnu_index_form(header->name);
    const bool is_long_names = header->name == "//";
    if ((gnu_form || is_long_names) && !contents) {
      return std::unexpected(malformed(first_member_, "the archive ends inside this member"));
    }
    if (is_long_names) {
      long_names_ = *contents;
    } else if (gnu_form) {
      if (!index) index = {*gnu_form, *contents, contents_at, source_.size()};
    } else {
      const bool may_be_index = first_member_ == kArchiveMagicSize && !thin_ && contents;
      const auto name = may_be_index ? name_of(*header, first_member_) : Name{};
      const auto form = name ? bsd_index_form(name->text) : std::nullopt;
      if (!form) return {};
      const std::uint64_t skip = name->stored_size;
      index = {*form, Bytes(contents->span().subspan(skip)), contents_at + skip, source_.size()};
    }
    first_member_ = contents_at + header->size + header->size % 2;
  }
  return {};
}

Expected<void> Archive::build_index(const Enumerate& enumerate) {
  auto all = members();
  if (!all) return std::unexpected(std::move(all.error()));
  bool fits = true;
  for (const ArchiveMember& one : *all) {
    const auto sink = [&](std::string_view symbol) { fits = index_.add_versioned(symbol, one.header_offset) && fits; };
    if (auto done = enumerate(one.bytes, one.name, sink); !done) return std::unexpected(std::move(done.error()));
    if (one.storage) index_storage_.push_back(one.storage);
  }
  if (!fits) return std::unexpected(Error(ErrorCode::kUnsupported, "too many symbols", {.object = path_}));
  return {};
}

// A GNU name in the "//" member ends with "/\n", in archives for COFF with a NUL. `place` is "12" or "12:345".
Expected<Archive::Name> Archive::long_name(std::string_view place, std::uint64_t header_offset) const {
  const std::size_t colon = place.find(':');
  const std::optional<std::uint64_t> at = parse_decimal(place.substr(0, colon));
  std::optional<std::uint64_t> origin = 0;
  if (colon != place.npos) origin = thin_ ? parse_decimal(place.substr(colon + 1)) : std::nullopt;
  if (!at || !origin) return std::unexpected(malformed(header_offset, "a member's long name has no valid place"));
  const std::string_view table = long_names_.text();
  const std::size_t end = *at < table.size() ? table.find_first_of(std::string_view("\n\0", 2), *at) : table.npos;
  if (end == table.npos) {
    return std::unexpected(malformed(header_offset, "a member's long name is outside the table, or does not end"));
  }
  std::string_view text = table.substr(*at, end - *at);
  if (text.ends_with('/')) text.remove_suffix(1);
  return Name{.text = text, .origin = *origin};
}

Expected<Archive::Name> Archive::name_of(const MemberHeader& header, std::uint64_t header_offset) const {
  std::string_view field = header.name;
  if (field.size() > 1 && field[0] == '/' && is_digit(field[1])) return long_name(field.substr(1), header_offset);
  if (field.starts_with('/') || field.empty()) {
    return std::unexpected(malformed(header_offset, "a special member, or one without a name, where none can be"));
  }
  if (field.starts_with("#1/") && !thin_) {
    const std::optional<std::uint64_t> size = parse_decimal(field.substr(3));
    const std::optional<Bytes> text =
        size && *size <= header.size ? source_.slice(header_offset + kMemberHeaderSize, *size) : std::nullopt;
    if (!text) return std::unexpected(malformed(header_offset, "a member's name is longer than the member"));
    return Name{.text = without_trailing(text->text(), '\0'), .stored_size = *size};
  }
  if (field.ends_with('/')) field.remove_suffix(1);
  return Name{.text = field};
}

Expected<Archive::Entry> Archive::entry(std::uint64_t header_offset) const {
  const std::optional<MemberHeader> header = read_member_header(source_, header_offset);
  if (!header) return std::unexpected(malformed(header_offset, "no member header here, or a truncated one"));
  auto name = name_of(*header, header_offset);
  if (!name) return std::unexpected(std::move(name.error()));
  const std::uint64_t contents_at = header_offset + kMemberHeaderSize;
  Entry entry{.header_offset = header_offset, .next_offset = contents_at, .name = name->text, .origin = name->origin,
              .bytes = {}};
  if (thin_) return entry;
  const std::optional<Bytes> contents =
      source_.slice(contents_at + name->stored_size, header->size - name->stored_size);
  if (!contents) return std::unexpected(malformed(header_offset, "the archive ends inside this member"));
  entry.bytes = *contents;
  entry.next_offset += header->size + header->size % 2;
  return entry;
}

Expected<ArchiveMember> Archive::member(std::uint64_t header_offset, int depth) const {
  auto found = entry(header_offset);
  if (!found) return std::unexpected(std::move(found.error()));
  if (thin_) return external_member(*found, depth);
  return ArchiveMember{display_name(found->name), header_offset, found->bytes, nullptr};
}

Expected<ArchiveMember> Archive::external_member(const Entry& entry, int depth) const {
  const std::string path = path_beside(path_, entry.name);
  auto file = FileBytes::open(path);
  if (!file) {
    return std::unexpected(Error(ErrorCode::kIo, file.error().message() + " (" + path + ")",
                                 {.object = display_name(entry.name), .offset = entry.header_offset}));
  }
  if (entry.origin == 0) {
    return ArchiveMember{display_name(entry.name), entry.header_offset, (*file)->bytes(), std::move(*file)};
  }
  if (depth == kMaxNesting) return std::unexpected(malformed(entry.header_offset, "archives are nested too deeply"));
  auto nested = open((*file)->bytes(), path, {});
  if (!nested) return std::unexpected(std::move(nested.error()));
  auto inner = nested->member(entry.origin, depth + 1);
  if (!inner) return inner;
  inner->name = display_name(inner->name);
  inner->header_offset = entry.header_offset;
  if (!inner->storage) inner->storage = std::move(*file);
  return inner;
}

// Each step goes at least a header further, so that the walk ends.
Expected<std::optional<ArchiveMember>> Archive::find_member(
    const std::function<bool(const ArchiveMember& member)>& is_wanted) const {
  for (std::uint64_t offset = first_member_; offset < source_.size();) {
    auto next = entry(offset);
    if (!next) return std::unexpected(std::move(next.error()));
    offset = next->next_offset;
    auto found = member(next->header_offset, 0);
    if (!found) return std::unexpected(std::move(found.error()));
    if (is_wanted(*found)) return std::move(*found);
  }
  return std::nullopt;
}

Expected<std::vector<ArchiveMember>> Archive::members() const {
  std::vector<ArchiveMember> all;
  const auto add = [&](const ArchiveMember& member) {
    all.push_back(member);
    return false;
  };
  if (auto done = find_member(add); !done) return std::unexpected(std::move(done.error()));
  return all;
}

}  // namespace enfold::read
