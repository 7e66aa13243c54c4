#pragma once

#include <cstddef>
#include <string_view>

namespace smlt {

/// The length of the well-formed UTF-8 sequence at the start of `text`, or 0.
size_t sequence_length(std::string_view text);

}  // namespace smlt
