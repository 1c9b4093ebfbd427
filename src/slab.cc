// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "slab.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "align.h"
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

// What the allocator keeps for itself is not resident.
void deallocate(void* memory, std::size_t size) noexcept {
  if (size != kLargeChunk) return ::operator delete(memory, size);
  give_up_pages(memory, size);
  ::operator delete(memory, size, std::align_val_t{kLargePage});
}

}  // namespace

struct Slab::Piece {
  Chunk* owner;
  Piece* next;  // of those given back: where the body is of those that are had

  std::byte* body() { return reinterpret_cast<std::byte*>(this) + kOwner; }
  static Piece& of(void* body) { return *reinterpret_cast<Piece*>(static_cast<std::byte*>(body) - kOwner); }
};

// Of each piece of a chunk.
struct Slab::Bits {
  // Null: there is no memory.
  static std::unique_ptr<Bits> make(std::size_t count) noexcept {
    std::unique_ptr<Bits> bits(new (std::nothrow) Bits);
    if (bits == nullptr) return nullptr;
    bits->word_count = (count + 63) / 64;
    bits->words.reset(new (std::nothrow) std::uint64_t[bits->word_count]{});
    return bits->words != nullptr ? std::move(bits) : nullptr;
  }

  void set(std::size_t i) { words[i / 64] |= bit(i); }
  void clear(std::size_t i) { words[i / 64] &= ~bit(i); }
  bool has(std::size_t i) const { return (words[i / 64] & bit(i)) != 0; }
  // The first of them; those below `lowest` have no bit. word_count * 64 or more: there is none.
  std::size_t first() {
    for (std::size_t word = lowest / 64; word < word_count; ++word) {
      if (words[word] != 0) return lowest = word * 64 + static_cast<std::size_t>(std::countr_zero(words[word]));
    }
    return lowest = word_count * 64;
  }
  bool any() { return first() < word_count * 64; }

  static std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << i % 64; }

  std::unique_ptr<std::uint64_t[]> words;
  std::size_t word_count = 0;
  std::size_t lowest = 0;
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
  std::unique_ptr<Bits> away{};  // given back, and their pages to the system; null: none are
  std::uint64_t trimmed = 0;     // the round of trimming that it was last seen in

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
  chunk.away.reset();
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
  if (chunk.away != nullptr) [[unlikely]]
    return take_away(chunk);
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

std::size_t Slab::carved_count(const Chunk& chunk) const { return (chunk.carved - kHead) / stride_; }

Slab::Piece* Slab::take_away(Chunk& chunk) {
  const std::size_t i = chunk.away->first();
  chunk.away->clear(i);
  if (!chunk.away->any()) chunk.away.reset();
  auto* const piece = reinterpret_cast<Piece*>(chunk.at(kHead + i * stride_));
  unpoison(piece, kOwner);
  piece->owner = &chunk;
  return piece;
}

// Chunks without room have nothing to give.
bool Slab::trim_one(std::uint64_t round) noexcept {
  Chunk* chunk = open_;
  while (chunk != nullptr && chunk->trimmed == round) chunk = chunk->next;
  if (chunk == nullptr) return false;
  chunk->trimmed = round;
  if (chunk->live_count == 0) return drop_chunk(*chunk), true;
  std::unique_ptr<Bits> free = Bits::make(chunk->piece_count), away = Bits::make(chunk->piece_count);
  if (free == nullptr || away == nullptr) return true;
  list_free(*chunk, *free);
  give_pages_back(*chunk, *free, *away);
  relist(*chunk, *free, *away);
  chunk->away = away->any() ? std::move(away) : nullptr;
  return true;
}

void Slab::list_free(Chunk& chunk, Bits& free) const noexcept {
  if (chunk.away != nullptr) std::copy_n(chunk.away->words.get(), free.word_count, free.words.get());
  const auto* const first = chunk.at(kHead);
  for (Piece* piece = chunk.back; piece != nullptr; piece = piece->next) {
    unpoison(piece->body(), sizeof(Piece*));
    free.set(static_cast<std::size_t>(reinterpret_cast<std::byte*>(piece) - first) / stride_);
  }
  for (std::size_t i = carved_count(chunk); i < chunk.piece_count; ++i) free.set(i);
}

// `away`: pieces of `free` that have a byte of a page that goes, if they were carved.
void Slab::give_pages_back(Chunk& chunk, Bits& free, Bits& away) const noexcept {
  const auto base = reinterpret_cast<std::uintptr_t>(&chunk);
  const std::size_t begin = align_up(base + kHead, kSmallPage) - base;
  const std::size_t end = (base + chunk.size) / kSmallPage * kSmallPage - base;
  const std::size_t carved = carved_count(chunk);
  if (begin >= end) return;
  refuse_large_page(chunk.at(begin), end - begin);
  std::size_t run = begin;  // of free pages up to `at`
  for (std::size_t at = begin; at < end; at += kSmallPage) {
    const std::size_t first = (at - kHead) / stride_;
    const std::size_t past = std::min((at + kSmallPage - 1 - kHead) / stride_ + 1, chunk.piece_count);
    std::size_t i = first;
    while (i < past && free.has(i)) ++i;
    if (i == past) {
      for (i = first; i < std::min(past, carved); ++i) away.set(i);
      continue;
    }
    if (run < at) give_up_pages(chunk.at(run), at - run);
    run = at + kSmallPage;
  }
  if (run < end) give_up_pages(chunk.at(run), end - run);
  chunk.brought_in = std::min(chunk.brought_in, align_up(base + chunk.carved, kSmallPage) - base);
}

// What is left of those given back, the lowest first. Some may have been away before.
void Slab::relist(Chunk& chunk, const Bits& free, const Bits& away) const noexcept {
  chunk.back = nullptr;
  for (std::size_t i = carved_count(chunk); i-- > 0;) {
    if (!free.has(i) || away.has(i)) continue;
    auto* const piece = reinterpret_cast<Piece*>(chunk.at(kHead + i * stride_));
    unpoison(piece, sizeof(Piece));
    piece->owner = &chunk;
    piece->next = std::exchange(chunk.back, piece);
    poison(piece->body(), stride_ - kOwner);
  }
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
