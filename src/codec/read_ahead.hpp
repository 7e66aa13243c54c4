#pragma once

#include <filesystem>
#include <future>
#include <map>

#include "codec/array.hpp"

namespace smlt::codec {

/// Files decoded in the background, each on a thread of its own, while something else has to be waited for: LibTorch
/// takes longer to load than MNIST to decode.
class ReadAhead {
 public:
  using Decode = ByteArray (*)(const std::filesystem::path&);

  /// Begins to decode `path`, unless that has been begun.
  void start(const std::filesystem::path& path, Decode decode);

  /// What `decode` makes of `path`: of the call that was begun, or of one here and now. Throws what `decode` throws.
  /// The result is handed out once; a second call decodes anew.
  ByteArray take(const std::filesystem::path& path, Decode decode);

 private:
  std::map<std::filesystem::path, std::future<ByteArray>> begun_;
};

}  // namespace smlt::codec
