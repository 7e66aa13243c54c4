#pragma once

#include <functional>
#include <future>
#include <optional>
#include <utility>

namespace smlt::datasets {

/// A value read on another thread while the job waits for something else: LibTorch takes longer to load than MNIST to
/// decode. The destructor waits for that thread.
template <typename T>
class Reading {
 public:
  /// Begins to call `read`, which must own whatever it uses; if it takes long and may be in vain, `when` is
  /// std::launch::deferred, and it is called when the value is asked for.
  explicit Reading(std::function<T()> read, std::launch when = std::launch::async)
      : future_(std::async(when, std::move(read))) {}

  /// Waits for the value. Throws what `read` threw.
  const T& value() {
    if (!value_) value_ = future_.get();
    return *value_;
  }

  /// The same, once: the value is moved out.
  T take() {
    value();
    return std::move(*value_);
  }

 private:
  std::future<T> future_;
  std::optional<T> value_;
};

}  // namespace smlt::datasets
