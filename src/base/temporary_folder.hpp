#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace smlt {

/// A folder of its own below /tmp, which only this user can read; removed with everything in it when this goes.
class TemporaryFolder {
 public:
  TemporaryFolder() = default;  // none

  /// Throws PlatformError saying that /tmp must be writable, and that it is to hold `purpose`.
  explicit TemporaryFolder(const std::string& purpose);
  ~TemporaryFolder() { remove(); }

  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }

  const std::filesystem::path& path() const { return path_; }  // "" for none

  /// Removes it now. Throws nothing.
  void remove();

 private:
  std::filesystem::path path_;
};

}  // namespace smlt
