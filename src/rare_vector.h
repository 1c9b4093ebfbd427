// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An array that most links leave empty. It takes one pointer, and what is done with items is not inlined, so that links
// without any run past none of it.
#ifndef ENFOLD_RARE_VECTOR_H_
#define ENFOLD_RARE_VECTOR_H_

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace enfold {

template <class T>
class RareVector {
 public:
  bool empty() const { return items_ == nullptr || items_->empty(); }
  std::size_t size() const { return span().size(); }
  std::span<T> span() { return items_ == nullptr ? std::span<T>() : std::span<T>(*items_); }
  std::span<const T> span() const { return items_ == nullptr ? std::span<const T>() : std::span<const T>(*items_); }

  auto begin() { return span().begin(); }
  auto end() { return span().end(); }
  auto begin() const { return span().begin(); }
  auto end() const { return span().end(); }
  T& operator[](std::size_t i) { return (*items_)[i]; }
  const T& operator[](std::size_t i) const { return (*items_)[i]; }
  T& front() { return items_->front(); }
  T& back() { return items_->back(); }

  [[gnu::cold, gnu::noinline]] void push_back(T item) {
    if (items_ == nullptr) items_.reset(new std::vector<T>);
    items_->push_back(std::move(item));
  }
  void clear() { items_.reset(); }

 private:
  struct Delete {
    [[gnu::cold, gnu::noinline]] void operator()(std::vector<T>* items) const { delete items; }
  };

  std::unique_ptr<std::vector<T>, Delete> items_;
};

}  // namespace enfold

#endif  // ENFOLD_RARE_VECTOR_H_
