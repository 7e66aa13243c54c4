#pragma once

#include <string_view>
#include <vector>

namespace smlt::codec {

/// Whether any two of these parts of the same bytes overlap.
bool do_overlap(std::vector<std::string_view> parts);

}  // namespace smlt::codec
