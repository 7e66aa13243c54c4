#include "codec/table/csv_classes.hpp"

#include <algorithm>

namespace smlt::codec {

std::optional<int64_t> CsvClasses::number_of(std::string_view name) {
  if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
  if (is_closed_ || names_.size() == kMostNames) return std::nullopt;
  kind_ = Kind::kNames;
  const auto number = static_cast<int64_t>(names_.size());
  names_.emplace_back(name);
  numbers_.emplace(name, number);
  return number;
}

std::vector<int64_t> CsvClasses::close() {
  is_closed_ = true;
  std::sort(names_.begin(), names_.end());
  std::vector<int64_t> now(names_.size());
  for (size_t number = 0; number < names_.size(); ++number) {
    int64_t& held = numbers_.find(names_[number])->second;
    now[static_cast<size_t>(held)] = static_cast<int64_t>(number);
    held = static_cast<int64_t>(number);
  }
  return now;
}

}  // namespace smlt::codec
