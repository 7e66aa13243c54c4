#include "codec/pickle.hpp"

#include <unordered_map>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/pickle_numpy.hpp"
#include "codec/pickle_reader.hpp"

// The opcodes: Python's Lib/pickletools.py.

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;

}  // namespace

class PickleMachine {
 public:
  PickleMachine(std::span<const uint8_t> bytes, std::string_view name, Pickle& result)
      : reader_(bytes, name), result_(result), most_decoded_(4 * bytes.size()) {}

  const PickleValue* run();

 private:
  using Arguments = std::vector<const PickleValue*>;

  // Each carries out an opcode of its kind; false when it is of another.
  bool number(uint8_t opcode);
  bool string(uint8_t opcode);
  bool container(uint8_t opcode);
  bool memo(uint8_t opcode);
  bool object(uint8_t opcode);

  PickleValue& push(PickleValue value);
  void push(PickleValue* value);
  void push_number(Kind kind, int64_t number) { push({.kind = kind, .number = number}); }
  void push_string(Kind kind, std::string_view bytes) { push({.kind = kind, .bytes = bytes}); }
  void push_decimal(std::string_view text);
  std::string_view keep(std::string decoded);
  PickleValue* pop();
  PickleValue& top(Kind kind, std::string_view what);
  Arguments pop_to_mark();
  Arguments pop_count(size_t count);
  void put(uint64_t key);
  void get(uint64_t key);

  PickleReader reader_;
  Pickle& result_;
  size_t most_decoded_;  // bytes of decoded strings: a text may be encoded again and again by few bytes of pickle
  size_t pushes_ = 0;
  std::vector<PickleValue*> stack_;
  std::unordered_map<uint64_t, PickleValue*> memo_;
};

const PickleValue* PickleMachine::run() {
  while (true) {
    reader_.start_opcode();
    const uint8_t opcode = reader_.byte();
    if (opcode == '.') break;
    if (opcode == 0x80) {  // PROTO
      if (const uint8_t protocol = reader_.byte(); protocol > 5) reader_.refuse(fmt::format("protocol {}", protocol));
    } else if (opcode == 0x95) {  // FRAME: a length that readers of streams use
      reader_.little_endian(8);
    } else if (!number(opcode) && !string(opcode) && !container(opcode) && !memo(opcode) && !object(opcode)) {
      reader_.refuse(fmt::format("the opcode 0x{:02X}", opcode));
    }
  }
  const PickleValue* root = pop();
  if (!stack_.empty() || !reader_.at_end()) reader_.refuse("more than one value");
  if (root->kind != Kind::kDict) reader_.refuse("a value that is no dictionary");
  return root;
}

bool PickleMachine::number(uint8_t opcode) {
  switch (opcode) {
    case 'N':
      return push_number(Kind::kNone, 0), true;
    case 0x88:
      return push_number(Kind::kBoolean, 1), true;
    case 0x89:
      return push_number(Kind::kBoolean, 0), true;
    case 'K':
      return push_number(Kind::kInteger, reader_.byte()), true;
    case 'M':
      return push_number(Kind::kInteger, static_cast<int64_t>(reader_.little_endian(2))), true;
    case 'J':
      return push_number(Kind::kInteger, reader_.signed_little_endian(4)), true;
    case 0x8A:  // LONG1
      return push_number(Kind::kInteger, reader_.signed_little_endian(reader_.byte())), true;
    case 0x8B:  // LONG4
      return push_number(Kind::kInteger, reader_.signed_little_endian(reader_.little_endian(4))), true;
    case 'I':
    case 'L':
      return push_decimal(reader_.line()), true;
    default:
      return false;
  }
}

void PickleMachine::push_decimal(std::string_view text) {
  if (text == "00" || text == "01") return push_number(Kind::kBoolean, text == "01" ? 1 : 0);
  if (text.ends_with('L')) text.remove_suffix(1);
  push_number(Kind::kInteger, decimal(text, reader_));
}

bool PickleMachine::string(uint8_t opcode) {
  switch (opcode) {
    case 'S':
      return push_string(Kind::kBytes, keep(from_string_literal(reader_.line(), reader_))), true;
    case 'V':
      return push_string(Kind::kText, keep(from_raw_unicode_escape(reader_.line(), reader_))), true;
    case 'U':
    case 'C':
      return push_string(Kind::kBytes, reader_.text(reader_.byte())), true;
    case 'T':
    case 'B':
      return push_string(Kind::kBytes, reader_.text(reader_.little_endian(4))), true;
    case 0x8E:  // BINBYTES8
    case 0x96:  // BYTEARRAY8
      return push_string(Kind::kBytes, reader_.text(reader_.little_endian(8))), true;
    case 0x8C:  // SHORT_BINUNICODE
      return push_string(Kind::kText, reader_.text(reader_.byte())), true;
    case 'X':
      return push_string(Kind::kText, reader_.text(reader_.little_endian(4))), true;
    case 0x8D:  // BINUNICODE8
      return push_string(Kind::kText, reader_.text(reader_.little_endian(8))), true;
    case 0x97:  // NEXT_BUFFER
    case 0x98:  // READONLY_BUFFER
      reader_.refuse("a buffer that lies outside of it");
    default:
      return false;
  }
}

bool PickleMachine::container(uint8_t opcode) {
  const auto push_items = [&](Kind kind, Arguments items) { push({.kind = kind, .items = std::move(items)}); };
  const auto append = [&](Kind kind, const Arguments& items) {
    PickleValue& target =
        top(kind, kind == Kind::kList ? "an item for what is no list" : "an entry for what is no dictionary");
    if (kind == Kind::kDict && items.size() % 2 != 0) reader_.refuse("a key without a value");
    target.items.insert(target.items.end(), items.begin(), items.end());
  };
  switch (opcode) {
    case '(':
      return push({.kind = Kind::kMark}), true;
    case ']':
      return push_items(Kind::kList, {}), true;
    case ')':
      return push_items(Kind::kTuple, {}), true;
    case '}':
      return push_items(Kind::kDict, {}), true;
    case 'l':
      return push_items(Kind::kList, pop_to_mark()), true;
    case 't':
      return push_items(Kind::kTuple, pop_to_mark()), true;
    case 0x85:  // TUPLE1, TUPLE2, TUPLE3
    case 0x86:
    case 0x87:
      return push_items(Kind::kTuple, pop_count(opcode - 0x84u)), true;
    case 'd': {
      Arguments items = pop_to_mark();
      push_items(Kind::kDict, {});
      return append(Kind::kDict, items), true;
    }
    case 'a':
      return append(Kind::kList, pop_count(1)), true;
    case 'e':
      return append(Kind::kList, pop_to_mark()), true;
    case 's':
      return append(Kind::kDict, pop_count(2)), true;
    case 'u':
      return append(Kind::kDict, pop_to_mark()), true;
    default:
      return false;
  }
}

bool PickleMachine::memo(uint8_t opcode) {
  const auto line_number = [&] { return static_cast<uint64_t>(decimal(reader_.line(), reader_)); };
  switch (opcode) {
    case 'p':
      return put(line_number()), true;
    case 'q':
      return put(reader_.byte()), true;
    case 'r':
      return put(reader_.little_endian(4)), true;
    case 0x94:  // MEMOIZE
      return put(memo_.size()), true;
    case 'g':
      return get(line_number()), true;
    case 'h':
      return get(reader_.byte()), true;
    case 'j':
      return get(reader_.little_endian(4)), true;
    default:
      return false;
  }
}

void PickleMachine::put(uint64_t key) {
  if (stack_.empty()) reader_.refuse("nothing to remember");
  memo_[key] = stack_.back();
  if (memo_.size() > Pickle::kMostValues) reader_.refuse(fmt::format("more than {} memories", Pickle::kMostValues));
}

void PickleMachine::get(uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) reader_.refuse(fmt::format("a reference to value {}, which is not there", key));
  push(found->second);
}

bool PickleMachine::object(uint8_t opcode) {
  switch (opcode) {
    case 'c': {
      const std::string_view module = reader_.line();
      return push_number(Kind::kGlobal, global_called(module, reader_.line(), reader_)), true;
    }
    case 0x93: {  // STACK_GLOBAL
      const Arguments names = pop_count(2);
      if (!names[0]->is_string() || !names[1]->is_string()) reader_.refuse("a name that is no string");
      return push_number(Kind::kGlobal, global_called(names[0]->bytes, names[1]->bytes, reader_)), true;
    }
    case 'R': {
      const Arguments call = pop_count(2);
      if (call[1]->kind != Kind::kTuple) reader_.refuse("arguments that are no tuple");
      const auto keep_string = [this](std::string decoded) { return keep(std::move(decoded)); };
      return push(result_of(*call[0], call[1]->items, keep_string, reader_)), true;
    }
    case 'b': {
      const PickleValue& state = *pop_count(1)[0];
      if (stack_.empty()) reader_.refuse("a state of nothing");
      return set_state(*stack_.back(), state, reader_), true;
    }
    default:
      return false;
  }
}

PickleValue& PickleMachine::push(PickleValue value) {
  PickleValue& kept = result_.values_.emplace_back(std::move(value));
  push(&kept);
  return kept;
}

void PickleMachine::push(PickleValue* value) {
  if (++pushes_ > Pickle::kMostValues) reader_.refuse(fmt::format("more than {} values", Pickle::kMostValues));
  stack_.push_back(value);
}

std::string_view PickleMachine::keep(std::string decoded) {
  if (decoded.size() > most_decoded_) reader_.refuse("strings that stand for far more than there is");
  most_decoded_ -= decoded.size();
  return result_.decoded_.emplace_back(std::move(decoded));
}

PickleValue* PickleMachine::pop() {
  if (stack_.empty() || stack_.back()->kind == Kind::kMark) reader_.refuse("an opcode that lacks a value");
  PickleValue* value = stack_.back();
  stack_.pop_back();
  return value;
}

PickleValue& PickleMachine::top(Kind kind, std::string_view what) {
  if (stack_.empty() || stack_.back()->kind != kind) reader_.refuse(what);
  return *stack_.back();
}

PickleMachine::Arguments PickleMachine::pop_to_mark() {
  size_t first = stack_.size();
  while (first > 0 && stack_[first - 1]->kind != Kind::kMark) --first;
  if (first == 0) reader_.refuse("an opcode that lacks its mark");
  Arguments items(stack_.begin() + static_cast<std::ptrdiff_t>(first), stack_.end());
  stack_.resize(first - 1);
  return items;
}

PickleMachine::Arguments PickleMachine::pop_count(size_t count) {
  Arguments items(count);
  for (size_t i = count; i-- > 0;) items[i] = pop();
  return items;
}

const PickleValue* PickleValue::at(std::string_view key) const {
  if (kind != Kind::kDict) return nullptr;
  for (size_t i = items.size(); i >= 2; i -= 2) {  // the last entry of a key counts
    if (items[i - 2]->is_string() && items[i - 2]->bytes == key) return items[i - 1];
  }
  return nullptr;
}

Pickle::Pickle(std::span<const uint8_t> bytes, std::string_view name)
    : root_(PickleMachine(bytes, name, *this).run()) {}

bool looks_like_pickle(std::span<const uint8_t> start) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  if (text.starts_with("(dp") || text.starts_with("}q")) return true;  // protocols 0 and 1
  if (text.size() < 3 || text[0] != '\x80' || text[1] < 2 || text[1] > 5) return false;
  return text[2] == '}' || (text[2] == '\x95' && text.size() > 11 && text[11] == '}');
}

}  // namespace smlt::codec
