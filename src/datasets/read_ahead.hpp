#pragma once

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>

namespace smlt::datasets {

/// Files decoded in the background, each on a thread of its own, while something else has to be waited for: LibTorch
/// takes longer to load than MNIST to decode. A path is always read to the same type.
class ReadAhead {
 public:
  /// Begins to call `read`, which decodes `path` and needs nothing of the caller's any more, unless that has been
  /// begun.
  template <typename Read>
  void start(const std::filesystem::path& path, Read read) {
    if (begun_.contains(path)) return;
    begun_.emplace(path, std::async(std::launch::async, [read = std::move(read)]() -> std::shared_ptr<void> {
                     return std::make_shared<std::invoke_result_t<Read>>(read());
                   }));
  }

  /// What `read` makes of `path`: of the call that was begun, or of one here and now. Throws what `read` throws. The
  /// result is handed out once; a second call reads anew.
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
