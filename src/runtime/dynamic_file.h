// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What files for the dynamic linker are made of (gABI, "Program Loading and Dynamic Linking"; the LSB's symbol
// versions). There are two that the library writes: a set's object (object_file.h) and carriers of thread-local storage
// (thread_carrier.h). Each has a layout of its own.
#ifndef ENFOLD_RUNTIME_DYNAMIC_FILE_H_
#define ENFOLD_RUNTIME_DYNAMIC_FILE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <elf.h>
#include <link.h>

namespace enfold::runtime {

#if defined(__x86_64__)
constexpr std::uint32_t kAddressOf = R_X86_64_64;
constexpr std::uint32_t kModuleOf = R_X86_64_DTPMOD64, kOffsetOf = R_X86_64_DTPOFF64, kDistanceOf = R_X86_64_TPOFF64;
#elif defined(__aarch64__)
constexpr std::uint32_t kAddressOf = R_AARCH64_ABS64;
constexpr std::uint32_t kModuleOf = R_AARCH64_TLS_DTPMOD, kOffsetOf = R_AARCH64_TLS_DTPREL,
                        kDistanceOf = R_AARCH64_TLS_TPREL;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t kAddressOf = R_RISCV_64;
constexpr std::uint32_t kModuleOf = R_RISCV_TLS_DTPMOD64, kOffsetOf = R_RISCV_TLS_DTPREL64,
                        kDistanceOf = R_RISCV_TLS_TPREL64;
#endif

constexpr std::uint64_t kLoadPageSize = 4096;
constexpr ElfW(Half) kAnyVersion = 1;    // 0 is local
constexpr ElfW(Half) kFirstVersion = 2;  // that has a name
constexpr char kCLibrary[] = "libc.so.6";

// Of a shared object, whose program headers begin at `segments`.
ElfW(Ehdr) file_header(std::uint64_t segments, std::size_t segment_count);

ElfW(Phdr) segment_header(ElfW(Word) type, ElfW(Word) flags, std::uint64_t file_size, std::uint64_t size,
                          std::uint64_t alignment);
// Of a segment that lies in the file at `at`, and in memory as far from `base`.
ElfW(Phdr) segment_in_file(ElfW(Phdr) header, std::uint64_t at, std::uint64_t base);

ElfW(Dyn) dynamic_entry(std::int64_t tag, std::uint64_t value);

constexpr unsigned char symbol_info(unsigned binding, unsigned type) {
  return static_cast<unsigned char>(binding << 4 | type);
}

ElfW(Sym) wanted_symbol(std::uint32_t name, unsigned binding, unsigned type);

// Grows a file; a place in it is an offset.
class GrowingFile {
 public:
  template <class T>
  std::uint64_t append(const T* values, std::size_t count, std::uint64_t alignment = alignof(T)) {
    const std::uint64_t at = (bytes_.size() + alignment - 1) & ~(alignment - 1);
    bytes_.resize(at + count * sizeof(T));
    if (count != 0) std::memcpy(bytes_.data() + at, values, count * sizeof(T));
    return at;
  }
  template <class T>
  std::uint64_t append(const T& value) {
    return append(&value, 1);
  }
  template <class T>
  void put(std::uint64_t at, const T& value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  std::uint64_t size() const { return bytes_.size(); }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

// Names, each ended by a null byte; the first is empty.
class NameTable {
 public:
  std::uint32_t keep(std::string_view name) {
    const auto at = static_cast<std::uint32_t>(bytes_.size());
    bytes_.append(name).push_back('\0');
    return at;
  }
  const std::string& bytes() const { return bytes_; }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_ = std::string(1, '\0');
};

// Versions that are wanted, all said to be of the file of one name: they are looked for in all objects, and the file
// need not define them. Behind the head come its entries.
ElfW(Verneed) wanted_versions(std::size_t count, std::uint32_t file_name);
ElfW(Vernaux) wanted_version(std::string_view version, std::uint32_t name, std::size_t number, bool last);

// DT_GNU_HASH: a header of four words, the Bloom filter, buckets, and a chain for each exported symbol. Those are the
// last of the symbols, and lie in the order of their buckets.
class HashTable {
 public:
  explicit HashTable(std::size_t exports);

  std::size_t word_count() const { return 4 + 2 * std::size_t{bloom_count_} + bucket_count_ + exports_; }
  std::uint32_t bucket_of(std::uint32_t hash) const { return hash % bucket_count_; }
  // `hashes`: of the exported symbols, which begin with number `first`.
  std::vector<std::uint32_t> words(std::span<const std::uint32_t> hashes, std::size_t first) const;

 private:
  std::size_t exports_;
  std::uint32_t bucket_count_, bloom_count_;  // words of 64 bits, two a symbol
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_DYNAMIC_FILE_H_
