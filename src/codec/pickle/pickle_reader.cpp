#include "codec/pickle/pickle_reader.hpp"

#include <charconv>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace smlt::codec {
namespace {

// A given number of hexadecimal digits at the start of `text`.
std::optional<uint32_t> hexadecimal(std::string_view text, size_t digits) {
  uint32_t value = 0;
  if (text.size() < digits) return std::nullopt;
  const char* const end = text.data() + digits;
  const auto parsed = std::from_chars(text.data(), end, value, /*base=*/16);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(value) : std::nullopt;
}

std::optional<char> simple_escape(char letter) {
  switch (letter) {
    case '\\':
    case '\'':
    case '"':
      return letter;
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return std::nullopt;
  }
}

}  // namespace

std::span<const uint8_t> PickleReader::take(uint64_t size) {
  if (size > bytes_.size() - at_) {
    throw UserError(
        "Expected {} more bytes of a pickle in {}, found {}; the file is cut off or damaged, so replace it.", size,
        in_quotes(name_, 200), bytes_.size() - at_);
  }
  const auto taken = bytes_.subspan(at_, size);
  at_ += size;
  return taken;
}

std::string_view PickleReader::text(uint64_t size) {
  const auto taken = take(size);
  return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

std::string_view PickleReader::line() {
  const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_, bytes_.size() - at_);
  const std::string_view found = text(std::min(rest.find('\n'), rest.size()));
  take(1);
  return found;
}

uint64_t PickleReader::little_endian(size_t size) { return from_little_endian(take(size)); }

int64_t PickleReader::signed_little_endian(size_t size) {
  if (size > 8) refuse("an integer of more than 64 bits");
  return signed_from_little_endian(take(size));
}

std::string_view PickleReader::keep(std::string decoded) {
  if (decoded.size() > most_kept_) refuse("strings that expand to far more than the file holds");
  most_kept_ -= decoded.size();
  return kept_.emplace_back(std::move(decoded));
}

void PickleReader::charge(size_t count) {
  if (count > most_kept_) refuse("lists that expand to far more than the file holds");
  most_kept_ -= count;
}

void PickleReader::refuse(std::string_view found) const {
  throw UserError("Expected {} in the pickle {}, found {} at byte {}; nothing in it was run, so {}.", form_.content,
                  in_quotes(name_, 200), found, opcode_at_, form_.advice);
}

std::string from_string_literal(std::string_view literal, const PickleReader& reader) {
  const bool is_quoted =
      literal.size() >= 2 && (literal[0] == '\'' || literal[0] == '"') && literal.back() == literal[0];
  if (!is_quoted) reader.refuse("a string without quotes");
  const std::string_view body = literal.substr(1, literal.size() - 2);
  std::string out;
  out.reserve(body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      out += body[i];
      continue;
    }
    const char letter = ++i < body.size() ? body[i] : '\0';
    if (const auto value = letter == 'x' ? hexadecimal(body.substr(i + 1), 2) : std::nullopt) {
      out += static_cast<char>(*value);
      i += 2;
    } else if (const auto plain = simple_escape(letter)) {
      out += *plain;
    } else {
      reader.refuse("a string with a wrong escape sequence");
    }
  }
  return out;
}

std::string from_raw_unicode_escape(std::string_view escaped, const PickleReader& reader) {
  std::string out;
  out.reserve(escaped.size() + escaped.size() / 2);
  for (size_t i = 0; i < escaped.size(); ++i) {
    const char letter = escaped[i] == '\\' && i + 1 < escaped.size() ? escaped[i + 1] : '\0';
    if (letter != 'u' && letter != 'U') {
      append_utf8(out, static_cast<uint8_t>(escaped[i]));
      continue;
    }
    const size_t digits = letter == 'u' ? 4 : 8;
    const auto point = hexadecimal(escaped.substr(i + 2), digits);
    if (!point || *point > 0x10FFFF) reader.refuse("a text with a wrong escape sequence");
    append_utf8(out, *point);
    i += 1 + digits;
  }
  return out;
}

std::string latin1_from_utf8(std::string_view text, const PickleReader& reader) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<uint8_t>(text[i]);
    if (first < 0x80) {
      out += text[i];
      continue;
    }
    const uint8_t second = ++i < text.size() ? static_cast<uint8_t>(text[i]) : 0;
    if ((first != 0xC2 && first != 0xC3) || (second & 0xC0) != 0x80)
      reader.refuse("a text that is not Latin-1 as bytes");
    out += static_cast<char>((first & 3) << 6 | (second & 0x3F));
  }
  return out;
}

int64_t decimal(std::string_view text, const PickleReader& reader) {
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    reader.refuse("the integer " + in_quotes(text));
  }
  return value;
}

}  // namespace smlt::codec
