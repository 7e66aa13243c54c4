#include "http/part_answers.hpp"

#include <utility>

namespace smlt::http {

void PartAnswers::expect(uint64_t number, Clock::time_point now) {
  if (parts_.empty()) first_ = number;
  parts_.push_back({now, std::nullopt});
}

void PartAnswers::put(uint64_t number, Response response) {
  if (number < first_ || number - first_ >= parts_.size()) return;
  parts_[number - first_].response = std::move(response);
}

std::optional<Response> PartAnswers::take() {
  if (parts_.empty() || !parts_.front().response) return std::nullopt;
  std::optional<Response> response = std::move(parts_.front().response);
  parts_.pop_front();
  ++first_;
  return response;
}

}  // namespace smlt::http
