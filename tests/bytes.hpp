#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace smlt::test {

/// `text` as the bytes that decoders take.
inline std::span<const uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace smlt::test
