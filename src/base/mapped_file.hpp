#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace smlt {

/// The bytes of a file, read from it as they are looked at.
class MappedFile {
 public:
  /// Throws UserError if it is not a regular file, PlatformError if it cannot be read.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace smlt
