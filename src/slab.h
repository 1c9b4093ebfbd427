// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces of one size, for what tens of thousands of tiny sets each leave behind. From malloc, half of what such a piece
// costs is its share of page faults: here most pages come a chunk at a time, by one call, and a piece of a chunk is had
// and given back in a dozen instructions.
//
//   chunk:  | head | whose, piece | whose, piece | whose, piece given back ─> | ... | never had yet |
//
// A chunk goes back when all its pieces are back, unless it is the only one with room. Who has some chunks has a large
// page next, where the system has those: one fault, and a fraction of the time that its small pages take. Chunks are
// the process's allocator's, so that leak checkers see what pieces point to.
//
// A chunk with one live piece stays. Its pages in which no piece is live are given back by trim(): the list of pieces
// given back, which lies in the pieces, then leaves out those that have a byte of such pages, and a bit for each stands
// outside of the chunk.
#ifndef ENFOLD_SLAB_H_
#define ENFOLD_SLAB_H_

#include <cstddef>
#include <cstdint>

namespace enfold {

// For static storage and what lasts: it has no destructor, as what it gave out may be in use to the end of the process.
// Threads: the caller's lock.
class Slab {
 public:
  static constexpr std::size_t kGreatestPiece = 1024;

  // Pieces of so many bytes or a few more, at most kGreatestPiece, aligned to 8.
  constexpr explicit Slab(std::size_t size) : stride_((size + kOwner + kAlignment - 1) & ~(kAlignment - 1)) {}

  // Errors: throws std::bad_alloc.
  void* take();
  void give_back(void* piece) noexcept;

  std::size_t chunk_count() const { return chunk_count_; }

  // Gives the system what it can have of one chunk. Call it with the same `round`, greater than any before, until it
  // returns false: between two calls others may have the lock.
  bool trim_one(std::uint64_t round) noexcept;

 private:
  struct Chunk;
  struct Piece;
  struct Bits;
  static constexpr std::size_t kHead = 96, kOwner = sizeof(void*), kAlignment = alignof(void*);
  static constexpr std::size_t kFewChunks = 16;  // so many are small

  void add_chunk();
  void drop_chunk(Chunk& chunk) noexcept;
  Piece* carve(Chunk& chunk);
  Piece* take_away(Chunk& chunk);
  std::size_t carved_count(const Chunk& chunk) const;
  void list_free(Chunk& chunk, Bits& free) const noexcept;
  void give_pages_back(Chunk& chunk, Bits& free, Bits& away) const noexcept;
  void relist(Chunk& chunk, const Bits& free, const Bits& away) const noexcept;
  bool serves_next(const Chunk& chunk) const;
  void list(Chunk& chunk) noexcept;
  void delist(Chunk& chunk) noexcept;

  const std::size_t stride_;  // from one piece to the next
  std::size_t chunk_count_ = 0;
  Chunk* open_ = nullptr;  // those with room
};

}  // namespace enfold

#endif  // ENFOLD_SLAB_H_
