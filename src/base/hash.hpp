#pragma once

#include <cstdint>
#include <string_view>

namespace smlt {

/// Fowler, Noll and Vo's 64-bit hash (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv): the same on every machine,
/// which std::hash is not. `before` is the hash of what comes before `text`; leave it out for the first text.
constexpr uint64_t fnv_hash(std::string_view text, uint64_t before = 0xCBF29CE484222325) {
  uint64_t hash = before;
  for (const char byte : text) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001B3;
  return hash;
}

}  // namespace smlt
