// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_SCRATCH_H_
#define ENFOLD_BENCH_PEERS_SCRATCH_H_

// A directory in memory, for linkers that take files.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "peer.h"

namespace enfold::bench {

class Scratch {
 public:
  Scratch() {
    char name[] = "/dev/shm/enfold-bench-XXXXXX";
    if (!mkdtemp(name)) throw Failure("no directory in /dev/shm");
    directory_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  // The object's own file, or one that is made of its bytes the first time.
  const std::string& file_of(const Input& object) {
    if (!object.path.empty()) return object.path;
    std::string& file = files_[object.name];
    if (file.empty()) {
      file = path(object.name);
      std::ofstream(file, std::ios::binary)
          .write(reinterpret_cast<const char*>(object.bytes.data()), static_cast<std::streamsize>(object.bytes.size()));
    }
    return file;
  }

 private:
  std::string directory_;
  std::map<std::string, std::string> files_;
};

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_SCRATCH_H_
