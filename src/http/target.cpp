#include "http/target.hpp"

#include <charconv>

namespace smlt::http {
namespace {

// The absolute form is for proxies, but every server has to take it.
std::string_view without_origin(std::string_view text) {
  const size_t scheme = text.find("://");
  if (text.starts_with('/') || scheme == std::string_view::npos) return text;
  const size_t slash = text.find('/', scheme + 3);
  return slash == std::string_view::npos ? "/" : text.substr(slash);
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc() || end != digits.data() + 2 || value == 0) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

}  // namespace

std::optional<Target> read_target(std::string_view text) {
  const std::string_view local = without_origin(text);
  const size_t mark = local.find('?');
  std::optional<std::string> path = percent_decoded(local.substr(0, mark));
  if (!path) return std::nullopt;
  return Target{std::move(*path), std::string(mark == std::string_view::npos ? "" : local.substr(mark + 1))};
}

}  // namespace smlt::http
