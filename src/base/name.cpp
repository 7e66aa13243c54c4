#include "base/name.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "base/utf8.hpp"

namespace smlt {
namespace {

// How many bytes at the start of `text` are valid UTF-8.
size_t valid_length(std::string_view text) {
  size_t length = 0;
  while (const size_t next = sequence_length(text.substr(length))) length += next;
  return length;
}

std::string composed_utf8(std::string_view text) {
  utf8proc_uint8_t* out = nullptr;
  const auto* const first = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  const utf8proc_ssize_t size = utf8proc_map(first, static_cast<utf8proc_ssize_t>(text.size()), &out, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, std::free);
  if (size == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (size < 0) return std::string(text);
  return {reinterpret_cast<const char*>(out), static_cast<size_t>(size)};
}

bool is_upper_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }

bool reads_as_escape(std::string_view text) {
  return text.size() >= 4 && text.starts_with("\\x") && is_upper_hex(text[2]) && is_upper_hex(text[3]);
}

// For a well-formed sequence: control characters (Unicode's Cc) and the separators of lines and paragraphs.
bool breaks_a_line(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead < 0x20 || lead == 0x7F;
  if (sequence.size() == 2) return lead == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
  return sequence == "\u2028" || sequence == "\u2029";
}

}  // namespace

std::string composed(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t valid = valid_length(text);
    out += composed_utf8(text.substr(0, valid));
    if (valid < text.size()) out += text[valid];
    text.remove_prefix(std::min(valid + 1, text.size()));
  }
  return out;
}

std::string utf8_name(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const size_t length = std::max<size_t>(sequence_length(bytes), 1);
    const std::string_view character = bytes.substr(0, length);
    if (sequence_length(bytes) > 0 && !breaks_a_line(character) && !reads_as_escape(bytes)) {
      out += character;
    } else {
      for (const char byte : character) out += fmt::format("\\x{:02X}", static_cast<unsigned char>(byte));
    }
    bytes.remove_prefix(length);
  }
  return out;
}

}  // namespace smlt
