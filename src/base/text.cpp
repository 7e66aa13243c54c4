#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/utf8.hpp"

namespace smlt {
namespace {

bool is_control(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    out += length == 0 ? "\uFFFD" : text.substr(0, length);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out = as_utf8(text);
  for (char& c : out) c = is_control(static_cast<unsigned char>(c)) ? ' ' : c;
  return out;
}

std::string shortened(std::string_view text, size_t limit) {
  const bool cut = text.size() > limit;
  size_t end = cut ? limit : text.size();
  // Never cut inside a UTF-8 sequence: step back over its continuation bytes.
  while (cut && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return printable(text.substr(0, end)) + (cut ? "..." : "");
}

std::string in_quotes(std::string_view text, size_t limit) { return "'" + shortened(text, limit) + "'"; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f\v";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string folded(std::string_view name) {
  std::string out = lower_case(name);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

std::string listed(std::span<const std::string> words, std::string_view last) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " " + std::string(last) + " " : std::string(", ");
    out += words[i];
  }
  return out;
}

std::string listed_few(std::span<const std::string> words, size_t most) {
  if (words.size() <= most) return listed(words);
  std::vector<std::string> shown(words.begin(), words.begin() + static_cast<ptrdiff_t>(most));
  shown.push_back(std::to_string(words.size() - most) + " more");
  return listed(shown);
}

std::string quoted_few(std::span<const std::string> words, size_t most) {
  std::vector<std::string> quoted;
  quoted.reserve(words.size());
  for (const std::string& word : words) quoted.push_back(in_quotes(word));
  return listed_few(quoted, most);
}

std::string counted(int64_t count, std::string_view noun) {
  return std::to_string(count).append(" ").append(noun).append(count == 1 ? "" : "s");
}

void append_real(std::string& text, double value) {
  const double size = std::abs(value);
  const bool is_fixed = size == 0 || (size >= 1e-4 && size < 1e16);  // as Python chooses
  std::array<char, 32> digits;
  const auto form = is_fixed ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, form).ptr;
  const std::string_view written(digits.data(), static_cast<size_t>(end - digits.data()));
  text += written;
  if (is_fixed && written.find('.') == std::string_view::npos) text += ".0";
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace smlt
