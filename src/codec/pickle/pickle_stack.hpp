// The memory of the pickle machine: its values, its stack and its memo.
#pragma once

#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "codec/pickle/pickle.hpp"
#include "codec/pickle/pickle_reader.hpp"

namespace smlt::codec {

/// Every call refuses, through `reader`, anything a good pickle would not do.
class PickleStack {
 public:
  explicit PickleStack(PickleReader& reader) : reader_(reader) {}

  void push(PickleValue value);
  void push_number(PickleValue::Kind kind, int64_t number) { push({.kind = kind, .number = number}); }
  void push_string(PickleValue::Kind kind, std::string_view bytes) { push({.kind = kind, .bytes = bytes}); }
  void push_items(PickleValue::Kind kind, PickleItems items) { push({.kind = kind, .items = std::move(items)}); }

  const PickleValue* pop();
  PickleItems pop_to_mark();
  PickleItems pop_count(size_t count);
  PickleValue& top();
  bool is_empty() const { return stack_.empty(); }

  /// Appends to the list or dictionary on top, which `what` names; an object of an unknown class drops them.
  void append(PickleValue::Kind kind, const PickleItems& items);

  void put(uint64_t key);
  void get(uint64_t key);
  void memoize() { put(memo_.size()); }

  std::deque<PickleValue> take_values() { return std::move(values_); }

 private:
  void push(PickleValue* value);

  PickleReader& reader_;
  std::deque<PickleValue> values_;
  std::vector<PickleValue*> stack_;
  std::unordered_map<uint64_t, PickleValue*> memo_;
  size_t pushes_ = 0;
};

}  // namespace smlt::codec
