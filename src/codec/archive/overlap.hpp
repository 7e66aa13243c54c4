#pragma once

#include <string_view>
#include <vector>

namespace smlt::codec {

/// Whether two of these parts of the same bytes have a byte in common.
bool do_overlap(std::vector<std::string_view> parts);

}  // namespace smlt::codec
