#include "codec/pickle/pickle.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/pickle/pickle_opcode.hpp"
#include "codec/pickle/pickle_reader.hpp"
#include "codec/pickle/pickle_stack.hpp"

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;
using Opcode = PickleOpcode;

constexpr uint8_t kNewestProtocol = 5;

class PickleMachine {
 public:
  PickleMachine(PickleReader& reader, PickleStack& stack, const PickleForm& form)
      : reader_(reader), stack_(stack), form_(form) {}

  const PickleValue* run();

 private:
  Opcode next_opcode();

  // Each executes an opcode of its group; false if it is of another group.
  bool framing(Opcode opcode);
  bool constant(Opcode opcode);
  bool number(Opcode opcode);
  bool string(Opcode opcode);
  bool container(Opcode opcode);
  bool memo(Opcode opcode);
  bool object(Opcode opcode);

  void push_decimal(std::string_view text);
  void push_name(std::string_view module, std::string_view name);
  void call();

  PickleReader& reader_;
  PickleStack& stack_;
  const PickleForm& form_;
};

const PickleValue* PickleMachine::run() {
  for (Opcode opcode = next_opcode(); opcode != Opcode::kStop; opcode = next_opcode()) {
    const bool is_known = framing(opcode) || constant(opcode) || number(opcode) || string(opcode) ||
                          container(opcode) || memo(opcode) || object(opcode);
    if (!is_known) reader_.refuse(fmt::format("the opcode 0x{:02X}", static_cast<uint8_t>(opcode)));
  }
  const PickleValue* root = stack_.pop();
  if (!stack_.is_empty() || (form_.is_one_dictionary && !reader_.at_end())) reader_.refuse("more than one value");
  if (form_.is_one_dictionary && root->kind != Kind::kDict) reader_.refuse("a value that is not a dictionary");
  return root;
}

Opcode PickleMachine::next_opcode() {
  reader_.start_opcode();
  return static_cast<Opcode>(reader_.byte());
}

bool PickleMachine::framing(Opcode opcode) {
  switch (opcode) {
    case Opcode::kProto: {
      const uint8_t protocol = reader_.byte();
      if (protocol > kNewestProtocol) reader_.refuse(fmt::format("protocol {}", protocol));
      return true;
    }
    case Opcode::kFrame:  // a length, which only readers of streams need
      return reader_.little_endian(8), true;
    default:
      return false;
  }
}

bool PickleMachine::constant(Opcode opcode) {
  switch (opcode) {
    case Opcode::kNone:
      return stack_.push_items(Kind::kNone, {}), true;
    case Opcode::kNewTrue:
      return stack_.push_number(Kind::kBoolean, 1), true;
    case Opcode::kNewFalse:
      return stack_.push_number(Kind::kBoolean, 0), true;
    default:
      return false;
  }
}

bool PickleMachine::number(Opcode opcode) {
  switch (opcode) {
    case Opcode::kBinInt1:
      return stack_.push_number(Kind::kInteger, reader_.byte()), true;
    case Opcode::kBinInt2:
      return stack_.push_number(Kind::kInteger, static_cast<int64_t>(reader_.little_endian(2))), true;
    case Opcode::kBinInt:
      return stack_.push_number(Kind::kInteger, reader_.signed_little_endian(4)), true;
    case Opcode::kLong1:
      return stack_.push_number(Kind::kInteger, reader_.signed_little_endian(reader_.byte())), true;
    case Opcode::kLong4:
      return stack_.push_number(Kind::kInteger, reader_.signed_little_endian(reader_.little_endian(4))), true;
    case Opcode::kInt:
    case Opcode::kLong:
      return push_decimal(reader_.line()), true;
    case Opcode::kFloat:
      return reader_.line(), stack_.push({.kind = Kind::kReal}), true;
    case Opcode::kBinFloat:
      return reader_.little_endian(8), stack_.push({.kind = Kind::kReal}), true;
    default:
      return false;
  }
}

// Protocols 0 and 1 write True and False as the integers "01" and "00".
void PickleMachine::push_decimal(std::string_view text) {
  if (text == "00" || text == "01") return stack_.push_number(Kind::kBoolean, text == "01" ? 1 : 0);
  if (text.ends_with('L')) text.remove_suffix(1);
  stack_.push_number(Kind::kInteger, decimal(text, reader_));
}

bool PickleMachine::string(Opcode opcode) {
  switch (opcode) {
    case Opcode::kString:
      return stack_.push_string(Kind::kBytes, reader_.keep(from_string_literal(reader_.line(), reader_))), true;
    case Opcode::kUnicode:
      return stack_.push_string(Kind::kText, reader_.keep(from_raw_unicode_escape(reader_.line(), reader_))), true;
    case Opcode::kShortBinString:
    case Opcode::kShortBinBytes:
      return stack_.push_string(Kind::kBytes, reader_.text(reader_.byte())), true;
    case Opcode::kBinString:
    case Opcode::kBinBytes:
      return stack_.push_string(Kind::kBytes, reader_.text(reader_.little_endian(4))), true;
    case Opcode::kBinBytes8:
    case Opcode::kByteArray8:
      return stack_.push_string(Kind::kBytes, reader_.text(reader_.little_endian(8))), true;
    case Opcode::kShortBinUnicode:
      return stack_.push_string(Kind::kText, reader_.text(reader_.byte())), true;
    case Opcode::kBinUnicode:
      return stack_.push_string(Kind::kText, reader_.text(reader_.little_endian(4))), true;
    case Opcode::kBinUnicode8:
      return stack_.push_string(Kind::kText, reader_.text(reader_.little_endian(8))), true;
    case Opcode::kNextBuffer:
    case Opcode::kReadonlyBuffer:
      reader_.refuse("a buffer that lies outside it");
    default:
      return false;
  }
}

bool PickleMachine::container(Opcode opcode) {
  switch (opcode) {
    case Opcode::kMark:
      return stack_.push({.kind = Kind::kMark}), true;
    case Opcode::kEmptyList:
      return stack_.push_items(Kind::kList, {}), true;
    case Opcode::kEmptyTuple:
      return stack_.push_items(Kind::kTuple, {}), true;
    case Opcode::kEmptyDict:
      return stack_.push_items(Kind::kDict, {}), true;
    case Opcode::kList:
      return stack_.push_items(Kind::kList, stack_.pop_to_mark()), true;
    case Opcode::kTuple:
      return stack_.push_items(Kind::kTuple, stack_.pop_to_mark()), true;
    case Opcode::kTuple1:
      return stack_.push_items(Kind::kTuple, stack_.pop_count(1)), true;
    case Opcode::kTuple2:
      return stack_.push_items(Kind::kTuple, stack_.pop_count(2)), true;
    case Opcode::kTuple3:
      return stack_.push_items(Kind::kTuple, stack_.pop_count(3)), true;
    case Opcode::kDict: {
      const PickleItems items = stack_.pop_to_mark();
      stack_.push_items(Kind::kDict, {});
      return stack_.append(Kind::kDict, items), true;
    }
    case Opcode::kAppend:
      return stack_.append(Kind::kList, stack_.pop_count(1)), true;
    case Opcode::kAppends:
      return stack_.append(Kind::kList, stack_.pop_to_mark()), true;
    case Opcode::kSetItem:
      return stack_.append(Kind::kDict, stack_.pop_count(2)), true;
    case Opcode::kSetItems:
      return stack_.append(Kind::kDict, stack_.pop_to_mark()), true;
    default:
      return false;
  }
}

bool PickleMachine::memo(Opcode opcode) {
  const auto key_in_line = [&] { return static_cast<uint64_t>(decimal(reader_.line(), reader_)); };
  switch (opcode) {
    case Opcode::kPut:
      return stack_.put(key_in_line()), true;
    case Opcode::kBinPut:
      return stack_.put(reader_.byte()), true;
    case Opcode::kLongBinPut:
      return stack_.put(reader_.little_endian(4)), true;
    case Opcode::kMemoize:
      return stack_.memoize(), true;
    case Opcode::kGet:
      return stack_.get(key_in_line()), true;
    case Opcode::kBinGet:
      return stack_.get(reader_.byte()), true;
    case Opcode::kLongBinGet:
      return stack_.get(reader_.little_endian(4)), true;
    default:
      return false;
  }
}

bool PickleMachine::object(Opcode opcode) {
  switch (opcode) {
    case Opcode::kGlobal: {
      const std::string_view module = reader_.line();
      return push_name(module, reader_.line()), true;
    }
    case Opcode::kStackGlobal: {
      const PickleItems names = stack_.pop_count(2);
      if (!names[0]->is_string() || !names[1]->is_string()) reader_.refuse("a name that is not a string");
      return push_name(names[0]->bytes, names[1]->bytes), true;
    }
    case Opcode::kReduce:
    case Opcode::kNewObj:
      return call(), true;
    case Opcode::kBuild: {
      const PickleValue& state = *stack_.pop();
      PickleValue& target = stack_.top();
      if (form_.set_state != nullptr) form_.set_state(target, state, reader_);
      return true;
    }
    case Opcode::kBinPersId:
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
  const auto has = [&](Opcode opcode, size_t at) {
    return at < start.size() && static_cast<Opcode>(start[at]) == opcode;
  };
  if (start.size() < 3 || !has(Opcode::kProto, 0) || start[1] < 2 || start[1] > kNewestProtocol) return false;
  return has(Opcode::kEmptyDict, 2) || (has(Opcode::kFrame, 2) && has(Opcode::kEmptyDict, 11));
}

}  // namespace smlt::codec
