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

constexpr std::size_t kStretch = std::size_t{64} << 10;  // brought in by a call
constexpr std::size_t kMallocWords = 2 * sizeof(void*);  // with which a chunk fills whole pages
constexpr std::size_t kSmallChunk = kStretch - kMallocWords, kLargeChunk = kLargePage - kMallocWords;

std::byte* allocate(std::size_t size) {
  if (size != kLargeChunk) return static_cast<std::byte*>(::operator new(size));
  void* const memory = ::operator new(size, std::align_val_t{kLargePage});
  prefer_large_page(memory);
  return static_cast<std::byte*>(memory);
}

void deallocate(void* memory, std::size_t size) noexcept {
  if (size != kLargeChunk) return ::operator delete(memory, size);
  ::operator delete(memory, size, std::align_val_t{kLargePage});
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
  std::size_t size = 0;        // bytes
  std::size_t piece_count = 0;
  std::size_t live_count = 0;  // pieces that are had
  std::size_t carved = kHead;  // bytes that have been pieces
  std::size_t brought_in = 0;  // bytes that were brought in, or are touched as it begins

  std::byte* at(std::size_t offset) { return reinterpret_cast<std::byte*>(this) + offset; }
};

void Slab::add_chunk() {
  static_assert(sizeof(Chunk) <= kHead);
  const std::size_t size = chunk_count_ < kFewChunks ? kSmallChunk : kLargeChunk;
  std::byte* const memory = allocate(size);
  auto* const chunk = ::new (memory) Chunk{.size = size, .piece_count = (size - kHead) / stride_};
  poison(chunk->at(kHead), size - kHead);
  list(*chunk);
  ++chunk_count_;
}

void Slab::drop_chunk(Chunk& chunk) noexcept {
  delist(chunk);
  --chunk_count_;
  const std::size_t size = chunk.size;
  unpoison(&chunk, size);
  deallocate(&chunk, size);
}

void* Slab::take() {
  if (open_ == nullptr) add_chunk();
  Chunk& chunk = *open_;
  Piece* piece = chunk.back;
  if (piece == nullptr) piece = carve(chunk);
  unpoison(piece->body(), stride_ - kOwner);
  if (chunk.back != nullptr) chunk.back = piece->next;
  if (++chunk.live_count == chunk.piece_count) delist(chunk);
  return piece->body();
}

// The first chunk is brought in bit by bit as it fills, another one a stretch at a time.
Slab::Piece* Slab::carve(Chunk& chunk) {
  auto* const piece = reinterpret_cast<Piece*>(chunk.at(chunk.carved));
  chunk.carved += stride_;
  if (chunk.carved > chunk.brought_in) {
    const std::size_t from = chunk.brought_in;
    const std::size_t step = chunk_count_ == 1 ? std::max(3 * from, kSmallPage) : kStretch;
    chunk.brought_in = std::min(chunk.size, from + step);
    bring_in(chunk.at(from), chunk.brought_in - from);
  }
  unpoison(piece, kOwner);
  piece->owner = &chunk;
  return piece;
}

void Slab::give_back(void* body) noexcept {
  Piece& piece = Piece::of(body);
  Chunk& chunk = *piece.owner;
  if (chunk.live_count == chunk.piece_count) list(chunk);
  piece.next = std::exchange(chunk.back, &piece);
  poison(body, stride_ - kOwner);
  if (--chunk.live_count == 0 && !serves_next(chunk)) drop_chunk(chunk);
}

// The only one with room: of those that are had next, unless a small chunk would do.
bool Slab::serves_next(const Chunk& chunk) const {
  const bool only = open_ == &chunk && chunk.next == nullptr;
  return only && (chunk.size == kSmallChunk || chunk_count_ > kFewChunks);
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
