#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "codec/array/idx.hpp"
#include "codec/table/table_look.hpp"

namespace smlt::datasets {

/// What the front of a file tells about it, whatever its name.
struct Look {
  bool is_damaged = false;  // a gzip file that fails within its front, or not a regular file
  bool is_gzip = false;
  uint64_t size = 0;  // in bytes, as it is on disk

  std::optional<codec::IdxHeader> idx = {};  // of any type
  bool is_image = false;                     // one that is decoded: JPEG or PNG
  bool is_other_picture = false;             // one that is not
  bool is_cifar_100 = false;                 // a pickle with the keys of CIFAR-100
  bool is_weights = false;                   // a network's, as PyTorch or safetensors write them

  codec::TableLook table = codec::TableLook::kNone;
  size_t values = 0;  // about how many a table holds; 0 for a gzip file

  std::vector<std::string> members = {};  // of a file that is called like a tar archive: those in its first MiB
};

/// Looks at a file that is no table. Throws PlatformError if it cannot be read.
Look look_at(const std::filesystem::path& file);

/// Looks at files, at each once, however many models ask: every look is a request where files are fetched when they are
/// opened. May be shared by threads.
class Looks {
 public:
  /// `channels`: the folders of the job's channels. Only a file directly in one of them may be a table, which takes
  /// more of it to tell.
  explicit Looks(std::vector<std::filesystem::path> channels);

  /// Throws PlatformError if the file cannot be read. The result stays valid.
  const Look& at(const std::filesystem::path& file);

 private:
  std::vector<std::filesystem::path> channels_;
  std::mutex mutex_;
  std::map<std::string, Look> looks_;  // by path
};

}  // namespace smlt::datasets
