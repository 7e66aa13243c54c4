#include "http/message.hpp"

#include <algorithm>

namespace smlt::http {
namespace {

// ASCII alone: header names have no other letters, and no locale plays a part.
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  for (const auto& [found, value] : headers) {
    if (is_same_name(found, name)) return value;
  }
  return {};
}

}  // namespace smlt::http
