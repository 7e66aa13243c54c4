#include "http/line_cutter.hpp"

#include <algorithm>

namespace smlt::http {

void LineCutter::put(std::string_view text) {
  const size_t last = text.rfind('\n');
  if (last != std::string_view::npos) whole_ = text_.size() + last + 1;
  text_.append(text);
}

std::optional<LineCutter::Part> LineCutter::take(size_t least) {
  if (whole_ == 0 || whole_ < least) return std::nullopt;
  Part part{text_.substr(0, whole_), lines_ + 1};
  lines_ += std::count(part.text.begin(), part.text.end(), '\n');
  text_.erase(0, whole_);
  whole_ = 0;
  return part;
}

std::optional<LineCutter::Part> LineCutter::take_rest() {
  whole_ = text_.size();
  return take(0);
}

}  // namespace smlt::http
