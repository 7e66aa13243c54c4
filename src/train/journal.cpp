#include "train/journal.hpp"

#include <cmath>

#include "base/file.hpp"
#include "base/json.hpp"

namespace smlt::train {

void Journal::add(int64_t epoch, const models::Metrics& metrics) {
  boost::json::object entry{{"epoch", epoch}};
  for (const auto& [name, value] : metrics) {
    if (std::isfinite(value)) entry[name] = value;
  }
  entries_.push_back(std::move(entry));
  if (std::chrono::steady_clock::now() - written_ > std::chrono::seconds(1)) flush();
}

void Journal::flush() {
  std::string lines;
  for (const boost::json::object& entry : entries_) lines += compact(entry) + "\n";
  if (!closing_.empty()) lines += compact(closing_) + "\n";
  write_file(file_, lines);
  written_ = std::chrono::steady_clock::now();
}

}  // namespace smlt::train
