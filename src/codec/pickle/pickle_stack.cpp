#include "codec/pickle/pickle_stack.hpp"

#include <fmt/format.h>

namespace smlt::codec {

using Kind = PickleValue::Kind;

void PickleStack::push(PickleValue value) { push(&values_.emplace_back(std::move(value))); }

void PickleStack::push(PickleValue* value) {
  if (++pushes_ > Pickle::kMostValues) reader_.refuse(fmt::format("more than {} values", Pickle::kMostValues));
  stack_.push_back(value);
}

const PickleValue* PickleStack::pop() {
  if (stack_.empty() || stack_.back()->kind == Kind::kMark) reader_.refuse("an opcode that lacks a value");
  const PickleValue* value = stack_.back();
  stack_.pop_back();
  return value;
}

PickleItems PickleStack::pop_to_mark() {
  size_t first = stack_.size();
  while (first > 0 && stack_[first - 1]->kind != Kind::kMark) --first;
  if (first == 0) reader_.refuse("an opcode that lacks its mark");
  PickleItems items(stack_.begin() + static_cast<std::ptrdiff_t>(first), stack_.end());
  stack_.resize(first - 1);
  return items;
}

PickleItems PickleStack::pop_count(size_t count) {
  PickleItems items(count);
  for (size_t i = count; i-- > 0;) items[i] = pop();
  return items;
}

PickleValue& PickleStack::top() {
  if (stack_.empty()) reader_.refuse("an opcode that lacks a value");
  return *stack_.back();
}

void PickleStack::append(Kind kind, const PickleItems& items) {
  PickleValue& target = top();
  if (target.kind == Kind::kOther) return;
  if (target.kind != kind) {
    reader_.refuse(kind == Kind::kList ? "an item for something that is not a list"
                                       : "an entry for something that is not a dictionary");
  }
  if (kind == Kind::kDict && items.size() % 2 != 0) reader_.refuse("a key without a value");
  target.items.insert(target.items.end(), items.begin(), items.end());
}

void PickleStack::put(uint64_t key) {
  memo_[key] = &top();
  if (memo_.size() > Pickle::kMostValues) reader_.refuse(fmt::format("more than {} memories", Pickle::kMostValues));
}

void PickleStack::get(uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) reader_.refuse(fmt::format("a reference to value {}, which is not there", key));
  push(found->second);
}

}  // namespace smlt::codec
