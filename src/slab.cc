// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "slab.h"

#include <algorithm>
#include <new>
#include <utility>

#include "large_memory.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace enfold {
namespace {

// For AddressSanitizer: nobody has these bytes, or somebody does.
void poison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t size) {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_POISON_MEMORY_REGION(memory, size);
#endif
}
void unpoison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t size) {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_UNPOISON_MEMORY_REGION(memory, size);
#endif
}

}  // namespace

struct Slab::Piece {
  Chunk* owner;
  Piece* next;  // of those given back: where the body is of those that are had

  std::byte* body() { return reinterpret_cast<std::byte*>(this) + kOwner; }
  static Piece& of(void* body) { return *reinterpret_cast<Piece*>(static_cast<std::byte*>(body) - kOwner); }
};

struct Slab::Chunk {
  Chunk* next = nullptr;  // with room, too
  Chunk* previous = nullptr;
  Piece* back = nullptr;       // given back
  std::size_t live_count = 0;  // pieces that are had
  std::size_t carved = kHead;  // bytes that have been pieces
  std::size_t brought_in = 0;  // bytes that were brought in, or are touched as it begins

  std::byte* at(std::size_t offset) { return reinterpret_cast<std::byte*>(this) + offset; }
};

// The first chunk is brought in bit by bit as it fills, another one at once.
void Slab::add_chunk() {
  static_assert(sizeof(Chunk) <= kHead);
  auto* const memory = static_cast<std::byte*>(::operator new(kChunk));
  if (chunk_count_ != 0) bring_in(memory, kChunk);
  auto* const chunk = ::new (memory) Chunk{.brought_in = chunk_count_ != 0 ? kChunk : kSmallPage};
  poison(chunk->at(kHead), kChunk - kHead);
  list(*chunk);
  ++chunk_count_;
}

void* Slab::take() {
  if (open_ == nullptr) add_chunk();
  Chunk& chunk = *open_;
  Piece* piece = chunk.back;
  if (piece == nullptr) piece = carve(chunk);
  unpoison(piece->body(), stride_ - kOwner);
  if (chunk.back != nullptr) chunk.back = piece->next;
  if (++chunk.live_count == piece_count_) delist(chunk);
  return piece->body();
}

Slab::Piece* Slab::carve(Chunk& chunk) {
  auto* const piece = reinterpret_cast<Piece*>(chunk.at(chunk.carved));
  chunk.carved += stride_;
  if (chunk.carved > chunk.brought_in) {
    const std::size_t to = std::min(kChunk, 4 * chunk.brought_in);
    bring_in(chunk.at(chunk.brought_in), to - chunk.brought_in);
    chunk.brought_in = to;
  }
  unpoison(piece, kOwner);
  piece->owner = &chunk;
  return piece;
}

void Slab::give_back(void* body) noexcept {
  Piece& piece = Piece::of(body);
  Chunk& chunk = *piece.owner;
  if (chunk.live_count == piece_count_) list(chunk);
  piece.next = std::exchange(chunk.back, &piece);
  poison(body, stride_ - kOwner);
  const bool only = open_ == &chunk && chunk.next == nullptr;
  if (--chunk.live_count != 0 || only) return;
  delist(chunk);
  --chunk_count_;
  unpoison(&chunk, kChunk);
  ::operator delete(&chunk, kChunk);
}

void Slab::list(Chunk& chunk) noexcept {
  chunk.previous = nullptr;
  chunk.next = open_;
  if (open_ != nullptr) open_->previous = &chunk;
  open_ = &chunk;
}

void Slab::delist(Chunk& chunk) noexcept {
  (chunk.previous != nullptr ? chunk.previous->next : open_) = chunk.next;
  if (chunk.next != nullptr) chunk.next->previous = chunk.previous;
}

}  // namespace enfold
