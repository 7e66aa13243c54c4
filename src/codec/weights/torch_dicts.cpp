#include "codec/weights/torch_dicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "codec/pickle/pickle_values.hpp"

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;

constexpr std::array<std::string_view, 7> kLikely = {"state_dict", "model_state_dict", "model", "net",
                                                     "network",    "weights",          "params"};
constexpr int kDeepest = 2;
constexpr size_t kMostDicts = 64;
constexpr size_t kShownKeys = 5;

std::string name_of(const PickleValue& key) {
  return key.kind == Kind::kInteger ? std::to_string(key.number) : std::string(key.bytes);
}

std::vector<std::string> keys_of(const PickleValue& dict) {
  std::vector<std::string> keys;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) keys.push_back(name_of(*dict.items[i]));
  return keys;
}

bool is_likely(std::string_view key) { return std::find(kLikely.begin(), kLikely.end(), key) != kLikely.end(); }

// "ema", "model_ema", "ema_state_dict": the same weights once more, averaged.
bool is_average(std::string_view key) { return folded(key).find("ema") != std::string::npos; }

class DictFinder {
 public:
  using Read = std::function<StoredTensor(const PickleValue&, std::string_view)>;
  explicit DictFinder(const Read& read) : read_(read) {}

  void visit(const PickleValue& dict, const std::string& path, int depth);
  std::vector<TensorDict> take() { return std::move(found_); }

 private:
  void visit_entry(const PickleValue& value, std::string_view key, const std::string& path, int depth);
  void add(const PickleValue& dict, const std::string& path);

  const Read& read_;
  std::set<const PickleValue*> seen_;  // a dictionary may occur many times, even within itself
  std::vector<TensorDict> found_;
};

void DictFinder::visit_entry(const PickleValue& value, std::string_view key, const std::string& path, int depth) {
  visit(value, path.empty() ? std::string(key) : fmt::format("{}.{}", path, key), depth);
}

void DictFinder::visit(const PickleValue& dict, const std::string& path, int depth) {
  if (dict.kind != Kind::kDict || depth > kDeepest || found_.size() >= kMostDicts || !seen_.insert(&dict).second)
    return;
  for (const std::string_view key : kLikely) {
    if (const PickleValue* value = dict.at(key)) visit_entry(*value, key, path, depth + 1);
  }
  add(dict, path);
  for (const bool averages : {false, true}) {
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const std::string key = name_of(*dict.items[i]);
      if (!is_likely(key) && is_average(key) == averages) visit_entry(*dict.items[i + 1], key, path, depth + 1);
    }
  }
}

void DictFinder::add(const PickleValue& dict, const std::string& path) {
  TensorDict found{path, {}};
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue &key = *dict.items[i], &value = *dict.items[i + 1];
    if (key.is_string() && value.kind == Kind::kTensor) found.tensors.push_back(read_(value, key.bytes));
  }
  if (!found.tensors.empty()) found_.push_back(std::move(found));
}

// The first object of an unknown class, whole networks before others.
const PickleValue* object_in(const PickleValue& root) {
  if (root.kind == Kind::kOther) return &root;
  const PickleValue* found = nullptr;
  for (const PickleValue* item : root.items) {
    if (item->kind != Kind::kOther) continue;
    if (item->is_module) return item;
    if (found == nullptr) found = item;
  }
  return found;
}

[[noreturn]] void refuse(const PickleValue& root) {
  const std::vector<std::string> keys = root.kind == Kind::kDict ? keys_of(root) : std::vector<std::string>();
  const std::string among = keys.empty() ? "" : fmt::format(" (its keys are {})", quoted_few(keys, kShownKeys));
  if (const PickleValue* object = object_in(root)) {
    throw std::invalid_argument(
        fmt::format("it holds no tensors by name but {}{}{}, none of which is run; save its state_dict instead, as "
                    "torch.save(model.state_dict(), FILE) does",
                    object->is_module ? "a whole model, " : "", described(*object), among));
  }
  throw std::invalid_argument(root.kind == Kind::kDict ? "it holds no tensors" + among
                                                       : "it holds no dictionary of tensors, but " + described(root));
}

}  // namespace

WeightsFile find_torch_dicts(const PickleValue& root, const DictFinder::Read& read) {
  DictFinder finder(read);
  finder.visit(root, "", 0);
  WeightsFile file{{}, finder.take()};
  if (file.dicts.empty()) refuse(root);
  file.keys = keys_of(root);
  return file;
}

}  // namespace smlt::codec
