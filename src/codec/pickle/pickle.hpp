#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::codec {

struct PickleName;
class PickleReader;

/// A value of a pickle, as plain data.
struct PickleValue {
  enum class Kind : uint8_t {
    kNone,
    kBoolean,  // number
    kInteger,  // number
    kReal,     // without its value, which nothing here needs
    kBytes,    // bytes: of Python 3, or a string of Python 2
    kText,     // bytes: UTF-8, as in the file
    kList,     // items
    kTuple,    // items
    kDict,     // items: key, value, key, value, ...
    kName,     // known: a function or class known to the form
    kOther,    // bytes: the name of a function or class that the form tolerates, or of what calling one would return;
               // is_module
    kArray,    // numpy's: type; element_size; shape; bytes, its elements row by row, little-endian; an array of objects
               // has items instead, one of an unknown type has neither
    kDtype,    // numpy's: type; element_size; bytes, the order of an element's bytes
    kStorage,  // torch's: bytes, its key; known, its class
    kTensor,   // torch's: items, the arguments that rebuild it
    kMark,     // used by the machine, never in a result
  };

  Kind kind = Kind::kNone;
  bool is_module = false;  // a whole network, a torch.nn.Module
  int64_t number = 0;
  std::string_view bytes = {};
  std::vector<const PickleValue*> items = {};
  std::vector<int64_t> shape = {};
  std::string_view type = {};  // as numpy calls it, without the byte order: "u1", "i8"
  size_t element_size = 0;     // bytes; 0 for an unknown type
  const PickleName* known = nullptr;

  bool is_string() const { return kind == Kind::kBytes || kind == Kind::kText; }

  /// The value of a dictionary under a key, given as text or bytes; nullptr if there is none.
  const PickleValue* at(std::string_view key) const;
};

using PickleItems = std::vector<const PickleValue*>;

/// A function or class that a pickle may name, and the result of calling it with these arguments.
struct PickleName {
  std::string_view module;
  std::string_view name;
  PickleValue (*call)(const PickleItems& arguments, PickleReader& reader) = nullptr;  // nullptr: it is not called
  std::string_view meaning = {};  // to the functions it is passed to
};

/// What pickles of one kind may hold besides plain data: dictionaries, lists, tuples, strings, bytes and numbers.
struct PickleForm {
  std::string_view content;  // of a good one, for error sentences: "plain data"
  std::string_view advice;   // "replace the file by the original"
  std::span<const PickleName> names;
  bool accepts_other_names = false;  // they become kOther and are not called; refused otherwise
  bool is_one_dictionary = false;    // which takes up all of the bytes
  void (*set_state)(PickleValue& object, const PickleValue& state, PickleReader& reader) = nullptr;  // nullptr: ignored
  PickleValue (*persistent)(const PickleValue& id, PickleReader& reader) = nullptr;                  // nullptr: refused
};

/// A Python pickle of a given form, protocols 0 to 5, from Python 2 or 3. A pickle is a program for a small machine
/// that may call whatever it names: here nothing is called, only a few fixed opcodes are known, and the names that a
/// form knows become plain values.
///
/// Throws UserError, one sentence naming the file and what was found at which byte, for everything else, and for
/// integers of more than 64 bits, out-of-band buffers, and pickles of more than kMostValues values.
class Pickle {
 public:
  static constexpr size_t kMostValues = size_t{1} << 21;

  /// Reads one pickle from the start of `bytes`, which must outlive the object: long strings and arrays are views of
  /// it. `name` is what errors call the file.
  Pickle(std::span<const uint8_t> bytes, std::string_view name, const PickleForm& form);
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;
  Pickle(Pickle&&) = default;

  const PickleValue& root() const { return *root_; }
  size_t size() const { return size_; }  // bytes of the pickle

  /// The values of a kind, in the order they were made.
  PickleItems all(PickleValue::Kind kind) const;

 private:
  std::deque<PickleValue> values_;   // in the order they were made: no recursion anywhere, however deep they nest
  std::deque<std::string> decoded_;  // strings that are not in the file as they are
  const PickleValue* root_ = nullptr;
  size_t size_ = 0;
};

/// Whether the first bytes of a file are those of a pickled dictionary.
bool looks_like_pickle(std::span<const uint8_t> start);

}  // namespace smlt::codec
