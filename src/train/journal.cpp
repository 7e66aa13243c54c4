#include "train/journal.hpp"

#include <boost/json.hpp>
#include <cmath>

#include "base/file.hpp"
#include "base/json.hpp"

namespace smlt::train {

void Journal::add(int64_t epoch, const cards::Metrics& metrics) {
  boost::json::object entry{{"epoch", epoch}};
  for (const auto& [name, value] : metrics) {
    if (std::isfinite(value)) entry[name] = value;
  }
  lines_ += compact(entry) + "\n";
  entries_.push_back(std::move(entry));
  if (std::chrono::steady_clock::now() - written_ > std::chrono::seconds(1)) flush();
}

void Journal::flush() {
  if (file_.empty()) return;
  write_file(file_, closing_.empty() ? lines_ : lines_ + compact(closing_) + "\n");
  written_ = std::chrono::steady_clock::now();
}

void Journal::restore(std::string_view lines) {
  lines_ = lines;
  entries_.clear();
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    entries_.push_back(boost::json::parse(lines.substr(0, end)).as_object());
    lines.remove_prefix(end == lines.npos ? lines.size() : end + 1);
  }
}

}  // namespace smlt::train
