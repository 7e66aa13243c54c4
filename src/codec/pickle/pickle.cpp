#include "codec/pickle/pickle.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/pickle/pickle_reader.hpp"
#include "codec/pickle/pickle_stack.hpp"

// The opcodes: Python's Lib/pickletools.py.

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;

class PickleMachine {
 public:
  PickleMachine(PickleReader& reader, PickleStack& stack, const PickleForm& form)
      : reader_(reader), stack_(stack), form_(form) {}

  const PickleValue* run();

 private:
  // Each executes an opcode of its kind; false if it is of another kind.
  bool number(uint8_t opcode);
  bool string(uint8_t opcode);
  bool container(uint8_t opcode);
  bool memo(uint8_t opcode);
  bool object(uint8_t opcode);

  void push_decimal(std::string_view text);
  void push_name(std::string_view module, std::string_view name);
  void call();

  PickleReader& reader_;
  PickleStack& stack_;
  const PickleForm& form_;
};

const PickleValue* PickleMachine::run() {
  while (true) {
    reader_.start_opcode();
    const uint8_t opcode = reader_.byte();
    if (opcode == '.') break;
    if (opcode == 0x80) {  // PROTO
      if (const uint8_t protocol = reader_.byte(); protocol > 5) reader_.refuse(fmt::format("protocol {}", protocol));
    } else if (opcode == 0x95) {  // FRAME: a length for stream readers
      reader_.little_endian(8);
    } else if (!number(opcode) && !string(opcode) && !container(opcode) && !memo(opcode) && !object(opcode)) {
      reader_.refuse(fmt::format("the opcode 0x{:02X}", opcode));
    }
  }
  const PickleValue* root = stack_.pop();
  if (!stack_.is_empty() || (form_.is_one_dictionary && !reader_.at_end())) reader_.refuse("more than one value");
  if (form_.is_one_dictionary && root->kind != Kind::kDict) reader_.refuse("a value that is not a dictionary");
  return root;
}

bool PickleMachine::number(uint8_t opcode) {
  switch (opcode) {
    case 'N':
      return stack_.push_items(Kind::kNone, {}), true;
    case 0x88:
      return stack_.push_number(Kind::kBoolean, 1), true;
    case 0x89:
      return stack_.push_number(Kind::kBoolean, 0), true;
    case 'K':
      return stack_.push_number(Kind::kInteger, reader_.byte()), true;
    case 'M':
      return stack_.push_number(Kind::kInteger, static_cast<int64_t>(reader_.little_endian(2))), true;
    case 'J':
      return stack_.push_number(Kind::kInteger, reader_.signed_little_endian(4)), true;
    case 0x8A:  // LONG1
      return stack_.push_number(Kind::kInteger, reader_.signed_little_endian(reader_.byte())), true;
    case 0x8B:  // LONG4
      return stack_.push_number(Kind::kInteger, reader_.signed_little_endian(reader_.little_endian(4))), true;
    case 'I':
    case 'L':
      return push_decimal(reader_.line()), true;
    case 'F':
      return reader_.line(), stack_.push({.kind = Kind::kReal}), true;
    case 'G':
      return reader_.little_endian(8), stack_.push({.kind = Kind::kReal}), true;
    default:
      return false;
  }
}

void PickleMachine::push_decimal(std::string_view text) {
  if (text == "00" || text == "01") return stack_.push_number(Kind::kBoolean, text == "01" ? 1 : 0);
  if (text.ends_with('L')) text.remove_suffix(1);
  stack_.push_number(Kind::kInteger, decimal(text, reader_));
}

bool PickleMachine::string(uint8_t opcode) {
  switch (opcode) {
    case 'S':
      return stack_.push_string(Kind::kBytes, reader_.keep(from_string_literal(reader_.line(), reader_))), true;
    case 'V':
      return stack_.push_string(Kind::kText, reader_.keep(from_raw_unicode_escape(reader_.line(), reader_))), true;
    case 'U':
    case 'C':
      return stack_.push_string(Kind::kBytes, reader_.text(reader_.byte())), true;
    case 'T':
    case 'B':
      return stack_.push_string(Kind::kBytes, reader_.text(reader_.little_endian(4))), true;
    case 0x8E:  // BINBYTES8
    case 0x96:  // BYTEARRAY8
      return stack_.push_string(Kind::kBytes, reader_.text(reader_.little_endian(8))), true;
    case 0x8C:  // SHORT_BINUNICODE
      return stack_.push_string(Kind::kText, reader_.text(reader_.byte())), true;
    case 'X':
      return stack_.push_string(Kind::kText, reader_.text(reader_.little_endian(4))), true;
    case 0x8D:  // BINUNICODE8
      return stack_.push_string(Kind::kText, reader_.text(reader_.little_endian(8))), true;
    case 0x97:  // NEXT_BUFFER
    case 0x98:  // READONLY_BUFFER
      reader_.refuse("a buffer that lies outside it");
    default:
      return false;
  }
}

bool PickleMachine::container(uint8_t opcode) {
  switch (opcode) {
    case '(':
      return stack_.push({.kind = Kind::kMark}), true;
    case ']':
      return stack_.push_items(Kind::kList, {}), true;
    case ')':
      return stack_.push_items(Kind::kTuple, {}), true;
    case '}':
      return stack_.push_items(Kind::kDict, {}), true;
    case 'l':
      return stack_.push_items(Kind::kList, stack_.pop_to_mark()), true;
    case 't':
      return stack_.push_items(Kind::kTuple, stack_.pop_to_mark()), true;
    case 0x85:  // TUPLE1, TUPLE2, TUPLE3
    case 0x86:
    case 0x87:
      return stack_.push_items(Kind::kTuple, stack_.pop_count(opcode - 0x84u)), true;
    case 'd': {
      const PickleItems items = stack_.pop_to_mark();
      stack_.push_items(Kind::kDict, {});
      return stack_.append(Kind::kDict, items), true;
    }
    case 'a':
      return stack_.append(Kind::kList, stack_.pop_count(1)), true;
    case 'e':
      return stack_.append(Kind::kList, stack_.pop_to_mark()), true;
    case 's':
      return stack_.append(Kind::kDict, stack_.pop_count(2)), true;
    case 'u':
      return stack_.append(Kind::kDict, stack_.pop_to_mark()), true;
    default:
      return false;
  }
}

bool PickleMachine::memo(uint8_t opcode) {
  const auto line_number = [&] { return static_cast<uint64_t>(decimal(reader_.line(), reader_)); };
  switch (opcode) {
    case 'p':
      return stack_.put(line_number()), true;
    case 'q':
      return stack_.put(reader_.byte()), true;
    case 'r':
      return stack_.put(reader_.little_endian(4)), true;
    case 0x94:
      return stack_.memoize(), true;
    case 'g':
      return stack_.get(line_number()), true;
    case 'h':
      return stack_.get(reader_.byte()), true;
    case 'j':
      return stack_.get(reader_.little_endian(4)), true;
    default:
      return false;
  }
}

bool PickleMachine::object(uint8_t opcode) {
  switch (opcode) {
    case 'c': {
      const std::string_view module = reader_.line();
      return push_name(module, reader_.line()), true;
    }
    case 0x93: {  // STACK_GLOBAL
      const PickleItems names = stack_.pop_count(2);
      if (!names[0]->is_string() || !names[1]->is_string()) reader_.refuse("a name that is not a string");
      return push_name(names[0]->bytes, names[1]->bytes), true;
    }
    case 'R':
    case 0x81:  // NEWOBJ
      return call(), true;
    case 'b': {
      const PickleValue& state = *stack_.pop();
      PickleValue& target = stack_.top();
      if (form_.set_state != nullptr) form_.set_state(target, state, reader_);
      return true;
    }
    case 'Q':  // BINPERSID
      if (form_.persistent == nullptr) return false;
      return stack_.push(form_.persistent(*stack_.pop(), reader_)), true;
    default:
      return false;
  }
}

void PickleMachine::push_name(std::string_view module, std::string_view name) {
  for (const PickleName& known : form_.names) {
    if (known.module == module && known.name == name) return stack_.push({.kind = Kind::kName, .known = &known});
  }
  std::string whole = fmt::format("{}.{}", module, name);
  if (!form_.accepts_other_names) reader_.refuse("the object " + in_quotes(whole));
  stack_.push_string(Kind::kOther, reader_.keep(std::move(whole)));
}

void PickleMachine::call() {
  const PickleItems call = stack_.pop_count(2);
  const PickleValue &function = *call[0], &arguments = *call[1];
  if (arguments.kind != Kind::kTuple) reader_.refuse("arguments that are not a tuple");
  if (function.kind == Kind::kOther) return stack_.push_string(Kind::kOther, function.bytes);
  if (function.kind != Kind::kName || function.known->call == nullptr)
    reader_.refuse("a call of something that must not be called");
  stack_.push(function.known->call(arguments.items, reader_));
}

}  // namespace

const PickleValue* PickleValue::at(std::string_view key) const {
  if (kind != Kind::kDict) return nullptr;
  for (size_t i = items.size(); i >= 2; i -= 2) {  // the last entry with a key counts
    if (items[i - 2]->is_string() && items[i - 2]->bytes == key) return items[i - 1];
  }
  return nullptr;
}

Pickle::Pickle(std::span<const uint8_t> bytes, std::string_view name, const PickleForm& form) {
  PickleReader reader(bytes, name, form);
  PickleStack stack(reader);
  root_ = PickleMachine(reader, stack, form).run();
  size_ = reader.position();
  values_ = stack.take_values();
  decoded_ = reader.take_kept();
}

PickleItems Pickle::all(Kind kind) const {
  PickleItems found;
  for (const PickleValue& value : values_) {
    if (value.kind == kind) found.push_back(&value);
  }
  return found;
}

bool looks_like_pickle(std::span<const uint8_t> start) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  if (text.starts_with("(dp") || text.starts_with("}q")) return true;  // protocols 0 and 1
  if (text.size() < 3 || text[0] != '\x80' || text[1] < 2 || text[1] > 5) return false;
  return text[2] == '}' || (text[2] == '\x95' && text.size() > 11 && text[11] == '}');
}

}  // namespace smlt::codec
