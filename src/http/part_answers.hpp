#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "http/message.hpp"

namespace smlt::http {

/// The answers to the parts of one body, put back into the order of the parts.
class PartAnswers {
 public:
  using Clock = std::chrono::steady_clock;

  /// A part has been handed over. The numbers of parts are consecutive.
  void expect(uint64_t number, Clock::time_point now);

  /// The answer to a part that is expected; any other is ignored.
  void put(uint64_t number, Response response);

  /// The answer to the oldest part that is expected, once it is there; from then on that part is not.
  std::optional<Response> take();

  size_t expected() const { return parts_.size(); }

  /// When the oldest part that is expected was handed over; there is one.
  Clock::time_point waiting_since() const { return parts_.front().since; }

 private:
  struct Part {
    Clock::time_point since;
    std::optional<Response> response;
  };

  uint64_t first_ = 0;  // the number of the oldest
  std::deque<Part> parts_;
};

}  // namespace smlt::http
