#include "http/target.hpp"

#include <algorithm>
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

}  // namespace

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

std::optional<Target> read_target(std::string_view text) {
  const std::string_view local = without_origin(text);
  const size_t mark = local.find('?');
  const std::string_view raw = local.substr(0, mark);
  std::optional<std::string> path = percent_decoded(raw);
  if (!path) return std::nullopt;
  return Target{std::move(*path), std::string(raw),
                std::string(mark == std::string_view::npos ? "" : local.substr(mark + 1))};
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view field = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(field.size() + 1, query.size()));
    const size_t equals = std::min(field.find('='), field.size());
    if (field.substr(0, equals) == name) return percent_decoded(field.substr(std::min(equals + 1, field.size())));
  }
  return std::nullopt;
}

}  // namespace smlt::http
