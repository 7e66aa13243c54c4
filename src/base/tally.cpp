#include "base/tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace smlt {

void Tally::add(const std::string& kind, std::string_view example) {
  Kind& counted = kinds_[kind];
  if (counted.count++ == 0) counted.example = example;
}

std::string Tally::phrase() const {
  constexpr size_t kShown = 6;
  if (is_empty()) return "";
  using Entry = decltype(kinds_)::value_type;
  std::vector<const Entry*> kinds;
  kinds.reserve(kinds_.size());
  for (const Entry& entry : kinds_) kinds.push_back(&entry);
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const Entry* a, const Entry* b) { return a->second.count > b->second.count; });
  std::string counts;
  size_t others = 0;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (i < kShown)
      counts += fmt::format("{}{} {}", i == 0 ? "" : ", ", kinds[i]->second.count, kinds[i]->first);
    else
      others += kinds[i]->second.count;
  }
  if (others > 0) counts += fmt::format(", {} of other kinds", others);
  return fmt::format("{}, such as {}", counts, in_quotes(kinds[0]->second.example, 200));
}

}  // namespace smlt
