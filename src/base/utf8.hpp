#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smlt {

/// The length of the well-formed UTF-8 sequence at the start of `text`, or 0.
size_t sequence_length(std::string_view text);

/// The code point of one well-formed sequence, the whole of `sequence` (`sequence_length` says how long one is).
uint32_t code_point_of(std::string_view sequence);

/// Appends the UTF-8 of a code point of at most 0x10FFFF. Halves of surrogate pairs, which valid UTF-8 does not
/// contain, are written by the same rule, in three bytes.
void append_utf8(std::string& out, uint32_t code_point);

}  // namespace smlt
