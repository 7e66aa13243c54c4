#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cards/metric_line.hpp"

namespace smlt::train {

/// metrics.jsonl: one object per epoch with the names of the metric line, and at the end anything else a model reports.
/// The file is replaced as a whole, so a reader never sees half a line; at most once a second, and at the end. With an
/// empty path there is no file.
class Journal {
 public:
  explicit Journal(std::filesystem::path file) : file_(std::move(file)) {}

  void add(int64_t epoch, const cards::Metrics& metrics);

  /// The last line of the file, after those of the epochs.
  void close_with(boost::json::object entry) { closing_ = std::move(entry); }

  /// Throws PlatformError if the file cannot be written.
  void flush();

  /// The file's text, and entries read from such text: those of the process that this one continues.
  const std::string& lines() const { return lines_; }
  void restore(std::string_view lines);

  std::span<const boost::json::object> entries() const { return entries_; }

 private:
  std::filesystem::path file_;
  std::string lines_;  // kept beside the entries: reading a number back may change its last digit
  std::vector<boost::json::object> entries_;
  boost::json::object closing_;
  std::chrono::steady_clock::time_point written_{};
};

}  // namespace smlt::train
