#include "base/temporary_folder.hpp"

#include <stdlib.h>

#include <cerrno>
#include <system_error>

#include "base/error.hpp"

namespace smlt {

TemporaryFolder::TemporaryFolder(const std::string& purpose) {
  std::string path = "/tmp/sagemaker-libtorch-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    throw PlatformError("Expected a /tmp that can be written to, for {}, found that it cannot ({}); mount one.",
                        purpose, std::error_code(errno, std::generic_category()).message());
  }
  path_ = path;
}

void TemporaryFolder::remove() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  path_.clear();
}

}  // namespace smlt
