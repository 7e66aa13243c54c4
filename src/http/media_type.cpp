#include "http/media_type.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/text.hpp"

namespace smlt::http {
namespace {

// tchar of RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || kMarks.find(c) != std::string_view::npos;
  });
}

bool is_type(std::string_view text) {
  const size_t slash = text.find('/');
  return slash != std::string_view::npos && is_token(text.substr(0, slash)) && is_token(text.substr(slash + 1));
}

// Splits at `separator` outside quoted strings.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool in_string = false;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && in_string) {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (text[i] == separator && !in_string) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  parts.push_back(text.substr(std::min(start, text.size())));
  return parts;
}

std::string unquoted(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  std::string out;
  for (size_t i = 1; i + 1 < value.size(); ++i) {
    if (value[i] == '\\' && i + 2 < value.size()) ++i;
    out += value[i];
  }
  return out;
}

// The weight of a range: its parameter q, 1 if there is none, 0 if it makes no sense.
double weight(const MediaType& range) {
  const std::string_view text = range.parameter("q");
  if (text.empty()) return 1;
  double q = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), q);
  const bool valid = error == std::errc() && end == text.data() + text.size() && q >= 0 && q <= 1;
  return valid ? q : 0;
}

// How exactly a range names a type: 0 not at all, 1 "*/*", 2 "type/*", 3 the type itself.
int precision(std::string_view range, std::string_view type) {
  if (range == type) return 3;
  if (range == "*/*") return 1;
  const size_t slash = type.find('/');
  return range.ends_with("/*") && range.substr(0, range.size() - 1) == type.substr(0, slash + 1) ? 2 : 0;
}

}  // namespace

std::string_view MediaType::parameter(std::string_view wanted) const {
  for (const Parameter& parameter : parameters) {
    if (parameter.name == wanted) return parameter.value;
  }
  return {};
}

std::optional<MediaType> parse_media_type(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, ';');
  MediaType type{lower_case(trimmed(parts[0])), {}};
  if (!is_type(type.name)) return std::nullopt;
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = trimmed(parts[i]);
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || !is_token(part.substr(0, equals))) return std::nullopt;
    type.parameters.push_back({lower_case(part.substr(0, equals)), unquoted(part.substr(equals + 1))});
  }
  return type;
}

std::optional<MediaType> negotiated(std::string_view accept, std::span<const std::string> offered) {
  std::vector<MediaType> ranges;
  for (const std::string_view part : split(accept, ',')) {
    if (auto range = parse_media_type(trimmed(part))) ranges.push_back(std::move(*range));
  }
  if (ranges.empty()) return MediaType{offered[0], {}};
  std::optional<MediaType> best;
  double best_weight = 0;
  for (const std::string& type : offered) {
    const MediaType* match = nullptr;  // the most exact range decides the weight of a type
    for (const MediaType& range : ranges) {
      const int exact = precision(range.name, type);
      if (exact > (match == nullptr ? 0 : precision(match->name, type))) match = &range;
    }
    if (match == nullptr || weight(*match) <= best_weight) continue;
    best_weight = weight(*match);
    best = MediaType{type, match->parameters};
  }
  return best;
}

}  // namespace smlt::http
