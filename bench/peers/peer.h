// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_PEER_H_
#define ENFOLD_BENCH_PEERS_PEER_H_

// What all linkers that are compared have to do, and no more: take relocatable objects, make their code callable in
// this process, say where one of its functions is, and take the code away again.
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace enfold::bench {

// A linker that refuses; its own words.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Input {
  std::string name;
  std::string path;                    // empty: there is no such file
  std::span<const std::byte> bytes{};  // lives as long as the process
};

// Linked code. Destroying it unloads the code.
class Linked {
 public:
  virtual ~Linked() = default;
};

struct Linking {
  std::unique_ptr<Linked> code;
  void* entry = nullptr;
};

class Peer {
 public:
  virtual ~Peer() = default;

  // What is not measured: files, for those that take nothing else.
  virtual void prepare(std::span<const Input>) {}

  // Everything up to where `entry` may be called. Threads: several at once, where the kind says so.
  virtual Linking link(std::span<const Input> objects, const std::string& entry) = 0;
};

struct PeerKind {
  std::string name;
  std::string what;
  std::function<std::unique_ptr<Peer>()> make;
  bool takes_threads = true;
  bool is_process = false;  // starts a process for each link: a few say what ten thousand cost
  bool takes_few = false;   // takes longer the more it has linked: the same
  bool unwinds = true;      // else linked code must not throw
  bool runs_code = true;    // else it only shows what the machine takes for the bytes
};

std::vector<PeerKind> enfold_kinds();
std::vector<PeerKind> orc_kinds();
std::vector<PeerKind> jitlink_kinds();
std::vector<PeerKind> runtime_dyld_kinds();
std::vector<PeerKind> external_kinds();
std::vector<PeerKind> tcc_kinds();
std::vector<PeerKind> copy_kinds();
std::vector<PeerKind> floor_kinds();
std::vector<PeerKind> all_kinds();

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_PEER_H_
