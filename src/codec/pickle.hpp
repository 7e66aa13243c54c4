#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::codec {

/// A value of a pickle, as plain data.
struct PickleValue {
  enum class Kind : uint8_t {
    kNone,
    kBoolean,  // number
    kInteger,  // number
    kBytes,    // bytes: of Python 3, or a string of Python 2
    kText,     // bytes: UTF-8, as the file has it
    kList,     // items
    kTuple,    // items
    kDict,     // items: key, value, key, value, ...
    kArray,    // numpy's: bytes, its elements row by row; shape; number, the bytes an element
    kDtype,    // number, the bytes an element
    kGlobal,   // number: one of the few functions and classes that are known
    kMark,     // of the machine, never in a result
  };

  Kind kind = Kind::kNone;
  int64_t number = 0;
  std::string_view bytes = {};
  std::vector<const PickleValue*> items = {};
  std::vector<int64_t> shape = {};

  bool is_string() const { return kind == Kind::kBytes || kind == Kind::kText; }

  /// The value of a dictionary under a key, given as text or bytes; nullptr when there is none.
  const PickleValue* at(std::string_view key) const;
};

/// A Python pickle that holds a dictionary of plain data: dictionaries, lists, tuples, strings, bytes, integers, and
/// numpy arrays of unsigned bytes (u1) or little-endian integers (i4, i8). Protocols 0 to 5, of Python 2 and 3, of all
/// versions of numpy. A pickle is a program for a small machine that may call whatever it names: here nothing is
/// called, the opcodes are a fixed few, and the only names that are known are those numpy writes for an array.
///
/// Throws UserError, one sentence naming the file and what was found at which byte, for everything else; and for
/// integers of more than 64 bits, out-of-band buffers, and pickles of more than kMostValues values.
class Pickle {
 public:
  static constexpr size_t kMostValues = size_t{1} << 21;

  /// Reads all of `bytes`, which must outlive the object: long strings and arrays are views of it. `name` is what
  /// errors call the file.
  Pickle(std::span<const uint8_t> bytes, std::string_view name);

  const PickleValue& root() const { return *root_; }

 private:
  friend class PickleMachine;
  std::deque<PickleValue> values_;   // in the order of their making: no recursion anywhere, however deep they nest
  std::deque<std::string> decoded_;  // strings that do not lie in the file as they are
  const PickleValue* root_ = nullptr;
};

/// Whether the first bytes of a file are those of a pickled dictionary.
bool looks_like_pickle(std::span<const uint8_t> start);

}  // namespace smlt::codec
