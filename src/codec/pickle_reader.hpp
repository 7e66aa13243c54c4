// The parts of the pickle machine that know nothing of its stack: bytes in order, and the spellings of strings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smlt::codec {

class PickleReader {
 public:
  PickleReader(std::span<const uint8_t> bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  uint8_t byte() { return take(1)[0]; }
  std::string_view text(uint64_t size);
  std::string_view line();              // up to and without the line feed, which is read over
  uint64_t little_endian(size_t size);  // of at most 8 bytes
  int64_t signed_little_endian(size_t size);

  bool at_end() const { return at_ == bytes_.size(); }
  size_t size() const { return bytes_.size(); }
  void start_opcode() { opcode_at_ = at_; }

  /// Throws the one sentence: `found` is what was found instead of plain data, at the current opcode.
  [[noreturn]] void refuse(std::string_view found) const;

 private:
  std::span<const uint8_t> take(uint64_t size);

  std::span<const uint8_t> bytes_;
  std::string_view name_;
  size_t at_ = 0;
  size_t opcode_at_ = 0;
};

/// The bytes of a string literal of Python 2 with its quotes ('a\x00b'), as protocol 0 has them.
std::string from_string_literal(std::string_view literal, const PickleReader& reader);

/// UTF-8 of Latin-1 with \uXXXX and \UXXXXXXXX, as protocol 0 has text.
std::string from_raw_unicode_escape(std::string_view escaped, const PickleReader& reader);

/// Latin-1 of UTF-8: how protocols 0 to 2 of Python 3 spell bytes.
std::string latin1_from_utf8(std::string_view text, const PickleReader& reader);

/// "123", "-5"; throws for anything else and for more than 64 bits.
int64_t decimal(std::string_view text, const PickleReader& reader);

}  // namespace smlt::codec
