#pragma once

#include <functional>
#include <future>
#include <optional>
#include <utility>

namespace smlt::datasets {

/// A value that a thread of its own reads while the job waits for something else: LibTorch takes longer to load than
/// MNIST to decode.
template <typename T>
class Reading {
 public:
  Reading() = default;  // nothing is read; only to be assigned to

  /// Begins to call `read`, which uses nothing that may go before it.
  explicit Reading(std::function<T()> read) : future_(std::async(std::launch::async, std::move(read))) {}

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
