#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::tensor {

/// What torch.save pickles of a state_dict, as plain data. A pickle is a program for a small machine that may call
/// whatever it names; here nothing is called. Of the names that PyTorch writes a tensor with, the arguments are kept;
/// what any other name would have made is `kOther`.
class TorchPickle {
 public:
  enum class Kind : uint8_t { kOther, kNumber, kText, kSequence, kDict, kName, kStorage, kTensor, kMark };

  struct Value {
    Kind kind = Kind::kOther;
    int64_t number = 0;
    std::string_view text = {};            // kText, kName (without its module); kStorage: its key
    std::vector<const Value*> items = {};  // kDict: key, value, key, value, ...; kTensor: the arguments
    at::ScalarType type = at::kFloat;      // kStorage

    /// The value of a dictionary under a key, nullptr when there is none.
    const Value* at(std::string_view key) const;
  };

  /// Reads one pickle from the start of `bytes`, which must outlive the object. Throws std::invalid_argument with a
  /// reason for one that is cut off, larger than a megabyte, or uses what state_dicts do not.
  explicit TorchPickle(std::string_view bytes);

  TorchPickle(const TorchPickle&) = delete;
  TorchPickle& operator=(const TorchPickle&) = delete;
  TorchPickle(TorchPickle&&) = default;

  const Value& root() const { return *root_; }
  size_t length() const { return at_; }  // bytes of the pickle

  /// The storages that it names, by key.
  const std::map<std::string_view, const Value*>& storages() const { return storages_; }

 private:
  bool step(uint8_t opcode);  // false at the end
  bool step_value(uint8_t opcode);
  bool step_stack(uint8_t opcode);
  std::string_view take(size_t size);
  std::string_view take_line();
  uint64_t take_number(size_t size);
  void push(Value value);
  Value* pop();
  std::vector<const Value*> pop_to_mark();
  void push_last(size_t count);
  void remember(size_t place);
  void recall(size_t place);
  void add_items(const std::vector<const Value*>& items);
  void reduce();
  void push_storage();

  std::string_view bytes_;
  size_t at_ = 0;
  std::deque<Value> values_;  // in the order of their making: no recursion, however deep they nest
  std::vector<Value*> stack_;
  std::map<size_t, Value*> memo_;
  std::map<std::string_view, const Value*> storages_;
  const Value* root_ = nullptr;
};

}  // namespace smlt::tensor
