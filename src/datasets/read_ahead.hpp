#pragma once

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>

namespace smlt::datasets {

/// Files decoded in the background, each on a thread of its own, while the job waits for something else: LibTorch takes
/// longer to load than MNIST to decode. A path is always read to the same type.
class ReadAhead {
 public:
  /// Begins to call `read`, which decodes `path` and uses nothing that belongs to the caller, unless that call has
  /// already begun.
  template <typename Read>
  void start(const std::filesystem::path& path, Read read) {
    if (begun_.contains(path)) return;
    begun_.emplace(path, std::async(std::launch::async, [read = std::move(read)]() -> std::shared_ptr<void> {
                     return std::make_shared<std::invoke_result_t<Read>>(read());
                   }));
  }

  /// The result of `read` for `path`: from the call that has begun, or from one made now. Throws what `read` throws.
  /// The result is handed out once; a second call reads again.
  template <typename Read>
  std::invoke_result_t<Read> take(const std::filesystem::path& path, Read read) {
    const auto found = begun_.find(path);
    if (found == begun_.end()) return read();
    std::future<std::shared_ptr<void>> result = std::move(found->second);
    begun_.erase(found);
    return std::move(*static_cast<std::invoke_result_t<Read>*>(result.get().get()));
  }

 private:
  std::map<std::filesystem::path, std::future<std::shared_ptr<void>>> begun_;
};

}  // namespace smlt::datasets
