#include "tensor/torch_pickle.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"

namespace smlt::tensor {
namespace {

using std::invalid_argument;
using Value = TorchPickle::Value;
using Kind = TorchPickle::Kind;

constexpr size_t kMostArguments = 8;
constexpr size_t kLargest = size_t{1} << 20;  // a state_dict of a thousand tensors takes 0.1 MB

// Opcodes of protocols 2 to 4 (Python's pickletools.py).
enum Opcode : uint8_t {
  kProto = 0x80,
  kFrame = 0x95,
  kStop = '.',
  kMarkOp = '(',
  kPop = '0',
  kDup = '2',
  kEmptyDict = '}',
  kEmptyList = ']',
  kEmptyTuple = ')',
  kTuple = 't',
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNone = 'N',
  kTrue = 0x88,
  kFalse = 0x89,
  kInt1 = 'K',
  kInt2 = 'M',
  kInt4 = 'J',
  kLong1 = 0x8a,
  kFloat = 'G',
  kUnicode = 'X',
  kShortUnicode = 0x8c,
  kString = 'T',
  kShortString = 'U',
  kGlobal = 'c',
  kStackGlobal = 0x93,
  kReduce = 'R',
  kNewObject = 0x81,
  kBuild = 'b',
  kPersistentId = 'Q',
  kSetItem = 's',
  kSetItems = 'u',
  kAppend = 'a',
  kAppends = 'e',
  kPut = 'q',
  kLongPut = 'r',
  kMemoize = 0x94,
  kGet = 'h',
  kLongGet = 'j',
};

struct StorageName {
  std::string_view name;
  at::ScalarType type;
};
constexpr StorageName kStorages[] = {
    {"FloatStorage", at::kFloat}, {"DoubleStorage", at::kDouble},     {"HalfStorage", at::kHalf},
    {"LongStorage", at::kLong},   {"BFloat16Storage", at::kBFloat16}, {"IntStorage", at::kInt},
    {"ShortStorage", at::kShort}, {"CharStorage", at::kChar},         {"ByteStorage", at::kByte},
    {"BoolStorage", at::kBool},
};

at::ScalarType type_of(std::string_view name) {
  for (const StorageName& entry : kStorages) {
    if (entry.name == name) return entry.type;
  }
  throw invalid_argument("it holds values of the type " + in_quotes(name));
}

}  // namespace

const Value* Value::at(std::string_view key) const {
  for (size_t i = 0; kind == Kind::kDict && i + 1 < items.size(); i += 2) {
    if (items[i]->kind == Kind::kText && items[i]->text == key) return items[i + 1];
  }
  return nullptr;
}

TorchPickle::TorchPickle(std::string_view bytes) : bytes_(bytes.substr(0, kLargest)) {
  while (step(static_cast<uint8_t>(take(1)[0]))) {
  }
  root_ = pop();
}

bool TorchPickle::step(uint8_t opcode) {
  if (opcode == kStop) return false;
  if (!step_value(opcode) && !step_stack(opcode)) throw invalid_argument("its pickle is none of a state_dict");
  return true;
}

// What puts a value onto the stack by itself.
bool TorchPickle::step_value(uint8_t opcode) {
  const auto number = [](uint64_t value) {
    return Value{.kind = Kind::kNumber, .number = static_cast<int64_t>(value)};
  };
  switch (opcode) {
    case kNone:
      push({});
      return true;
    case kTrue:
    case kFalse:
      push(number(opcode == kTrue ? 1 : 0));
      return true;
    case kInt1:
      push(number(take_number(1)));
      return true;
    case kInt2:
      push(number(take_number(2)));
      return true;
    case kInt4:
      push({.kind = Kind::kNumber, .number = static_cast<int32_t>(take_number(4))});
      return true;
    case kLong1: {
      const auto size = take_number(1);
      if (size <= 8)
        push(number(take_number(size)));  // what is read here is never negative
      else
        take(size), push({});
      return true;
    }
    case kFloat:
      take(8), push({});
      return true;
    case kUnicode:
    case kString:
      push({.kind = Kind::kText, .text = take(take_number(4))});
      return true;
    case kShortUnicode:
    case kShortString:
      push({.kind = Kind::kText, .text = take(take_number(1))});
      return true;
    case kEmptyDict:
      push({.kind = Kind::kDict});
      return true;
    case kEmptyList:
    case kEmptyTuple:
      push({.kind = Kind::kSequence});
      return true;
    case kMarkOp:
      push({.kind = Kind::kMark});
      return true;
    case kGlobal:
      take_line(), push({.kind = Kind::kName, .text = take_line()});
      return true;
    default:
      return false;
  }
}

// What works on the values that are there.
bool TorchPickle::step_stack(uint8_t opcode) {
  switch (opcode) {
    case kProto:
      take(1);
      return true;
    case kFrame:
      take(8);
      return true;
    case kPop:
      pop();
      return true;
    case kDup:
      stack_.push_back(pop()), stack_.push_back(stack_.back());
      return true;
    case kTuple:
      push({.kind = Kind::kSequence, .items = pop_to_mark()});
      return true;
    case kTuple1:
      push_last(1);
      return true;
    case kTuple2:
      push_last(2);
      return true;
    case kTuple3:
      push_last(3);
      return true;
    case kStackGlobal: {
      const Value* name = pop();
      pop();
      push({.kind = Kind::kName, .text = name->text});
      return true;
    }
    case kReduce:
    case kNewObject:
      reduce();
      return true;
    case kBuild:
      pop();
      return true;  // attributes, of which a state_dict's "_metadata" is one
    case kPersistentId:
      push_storage();
      return true;
    case kSetItem:
      push_last(2), add_items(pop()->items);
      return true;
    case kAppend:
      push_last(1), add_items(pop()->items);
      return true;
    case kSetItems:
    case kAppends:
      add_items(pop_to_mark());
      return true;
    case kPut:
      remember(take_number(1));
      return true;
    case kLongPut:
      remember(take_number(4));
      return true;
    case kMemoize:
      remember(memo_.size());
      return true;
    case kGet:
      recall(take_number(1));
      return true;
    case kLongGet:
      recall(take_number(4));
      return true;
    default:
      return false;
  }
}

std::string_view TorchPickle::take(size_t size) {
  if (size > bytes_.size() - at_) throw invalid_argument("its pickle is cut off or too large");
  const std::string_view taken = bytes_.substr(at_, size);
  at_ += size;
  return taken;
}

std::string_view TorchPickle::take_line() {
  const size_t end = bytes_.find('\n', at_);
  if (end == std::string_view::npos) throw invalid_argument("its pickle is cut off or too large");
  const std::string_view line = take(end - at_);
  take(1);
  return line;
}

uint64_t TorchPickle::take_number(size_t size) {
  const std::string_view bytes = take(size);
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

void TorchPickle::push(Value value) {
  values_.push_back(std::move(value));
  stack_.push_back(&values_.back());
}

Value* TorchPickle::pop() {
  if (stack_.empty()) throw invalid_argument("its pickle takes a value that is not there");
  Value* value = stack_.back();
  stack_.pop_back();
  return value;
}

std::vector<const Value*> TorchPickle::pop_to_mark() {
  std::vector<const Value*> items;
  for (const Value* value = pop(); value->kind != Kind::kMark; value = pop()) items.push_back(value);
  std::reverse(items.begin(), items.end());
  return items;
}

void TorchPickle::push_last(size_t count) {
  std::vector<const Value*> items(count);
  for (size_t i = count; i-- > 0;) items[i] = pop();
  push({.kind = Kind::kSequence, .items = std::move(items)});
}

void TorchPickle::remember(size_t place) {
  Value* value = pop();
  memo_[place] = value;
  stack_.push_back(value);
}

void TorchPickle::recall(size_t place) {
  const auto found = memo_.find(place);
  if (found == memo_.end()) throw invalid_argument("its pickle takes a value that is not there");
  stack_.push_back(found->second);
}

void TorchPickle::add_items(const std::vector<const Value*>& items) {
  Value* target = pop();
  target->items.insert(target->items.end(), items.begin(), items.end());
  stack_.push_back(target);
}

void TorchPickle::reduce() {
  const Value* arguments = pop();
  const Value* name = pop();
  // Few enough to copy: a shared tuple of many, copied again and again, would fill memory.
  if (name->text == "_rebuild_tensor_v2" && arguments->items.size() <= kMostArguments) {
    push({.kind = Kind::kTensor, .items = arguments->items});
  } else if (name->text == "_rebuild_parameter" && !arguments->items.empty()) {
    stack_.push_back(const_cast<Value*>(arguments->items[0]));  // one of values_
  } else if (name->text == "OrderedDict" && arguments->items.empty()) {
    push({.kind = Kind::kDict});
  } else {
    push({});
  }
}

// ("storage", torch.FloatStorage, "key", "cpu", elements).
void TorchPickle::push_storage() {
  const std::vector<const Value*>& id = pop()->items;
  if (id.size() < 5 || id[1]->kind != Kind::kName || id[2]->kind != Kind::kText || id[4]->kind != Kind::kNumber) {
    throw invalid_argument("its pickle names a storage as none is named");
  }
  push({.kind = Kind::kStorage, .number = id[4]->number, .text = id[2]->text, .type = type_of(id[1]->text)});
  storages_[id[2]->text] = stack_.back();
}

}  // namespace smlt::tensor
