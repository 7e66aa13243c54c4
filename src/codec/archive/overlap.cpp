#include "codec/archive/overlap.hpp"

#include <algorithm>

namespace smlt::codec {

bool do_overlap(std::vector<std::string_view> parts) {
  std::erase_if(parts, [](std::string_view part) { return part.empty(); });
  std::sort(parts.begin(), parts.end(), [](std::string_view a, std::string_view b) { return a.data() < b.data(); });
  const auto reaches_into = [](std::string_view a, std::string_view next) { return a.data() + a.size() > next.data(); };
  return std::adjacent_find(parts.begin(), parts.end(), reaches_into) != parts.end();
}

}  // namespace smlt::codec
