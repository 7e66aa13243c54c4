// The parts of the pickle machine that do not use its stack: bytes in order, decoded strings, and their spellings.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "codec/pickle/pickle.hpp"

namespace smlt::codec {

class PickleReader {
 public:
  PickleReader(std::span<const uint8_t> bytes, std::string_view name, const PickleForm& form)
      : bytes_(bytes), name_(name), form_(form), most_kept_(4 * bytes.size() + kMostName) {}

  uint8_t byte() { return take(1)[0]; }
  std::string_view text(uint64_t size);
  std::string_view line();              // up to the line feed, which is consumed and left out
  uint64_t little_endian(size_t size);  // at most 8 bytes
  int64_t signed_little_endian(size_t size);

  bool at_end() const { return at_ == bytes_.size(); }
  size_t position() const { return at_; }
  void start_opcode() { opcode_at_ = at_; }

  /// Stores a decoded string. Refuses if few pickle bytes expand to far more.
  std::string_view keep(std::string decoded);
  /// Counts `count` copied references, as keep() does for a string.
  void charge(size_t count);
  std::deque<std::string> take_kept() { return std::move(kept_); }

  /// Throws the one error sentence: `found` is what was found at the current opcode instead of what the form has.
  [[noreturn]] void refuse(std::string_view found) const;

 private:
  static constexpr size_t kMostName = 1000;  // this much may always be kept

  std::span<const uint8_t> take(uint64_t size);

  std::span<const uint8_t> bytes_;
  std::string_view name_;
  const PickleForm& form_;
  std::deque<std::string> kept_;
  size_t most_kept_;  // bytes: a short pickle may encode a text, or copy a list, again and again
  size_t at_ = 0;
  size_t opcode_at_ = 0;
};

/// The bytes of a string literal of Python 2 with its quotes ('a\x00b'), as protocol 0 has them.
std::string from_string_literal(std::string_view literal, const PickleReader& reader);

/// UTF-8 from Latin-1 with \uXXXX and \UXXXXXXXX, as protocol 0 writes text.
std::string from_raw_unicode_escape(std::string_view escaped, const PickleReader& reader);

/// Latin-1 from UTF-8: how Python 3 writes bytes in protocols 0 to 2.
std::string latin1_from_utf8(std::string_view text, const PickleReader& reader);

/// "123", "-5"; throws for anything else and for more than 64 bits.
int64_t decimal(std::string_view text, const PickleReader& reader);

}  // namespace smlt::codec
