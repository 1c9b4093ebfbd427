// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections, symbols and objects are named by strong index types, so that one cannot be passed for another; tables are
// arrays that only their own index type opens.
#ifndef ENFOLD_INDEX_H_
#define ENFOLD_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace enfold {

enum class ObjectIndex : std::uint32_t {};
enum class SectionIndex : std::uint32_t {};  // within its object; 0 is none, as in ELF
enum class SymbolIndex : std::uint32_t {};   // within its object
enum class GlobalIndex : std::uint32_t {};   // within the link
enum class NeedIndex : std::uint32_t {};     // within the link
enum class BundleIndex : std::uint32_t {};   // within the link
enum class ZoneIndex : std::uint32_t {};     // within the link
enum class NameOffset : std::uint32_t {};    // in the object's names of sections

template <class I>
constexpr I kNone = I{0xffff'ffff};

template <class I>
constexpr std::uint32_t raw(I i) {
  return static_cast<std::uint32_t>(i);
}

template <class I>
constexpr I index_of(std::size_t n) {
  return static_cast<I>(static_cast<std::uint32_t>(n));
}

// Borrowed array of T, indexed by I.
template <class I, class T>
class Table {
 public:
  constexpr Table() = default;
  constexpr Table(std::span<T> items) : items_(items) {}
  constexpr T& operator[](I i) const { return items_[raw(i)]; }
  constexpr std::size_t size() const { return items_.size(); }
  constexpr bool empty() const { return items_.empty(); }
  constexpr bool contains(I i) const { return raw(i) < items_.size(); }
  constexpr auto begin() const { return items_.begin(); }
  constexpr auto end() const { return items_.end(); }
  constexpr std::span<T> span() const { return items_; }

 private:
  std::span<T> items_;
};

}  // namespace enfold

#endif  // ENFOLD_INDEX_H_
