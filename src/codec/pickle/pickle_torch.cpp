#include "codec/pickle/pickle_torch.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "codec/pickle/pickle_reader.hpp"

// How PyTorch pickles a tensor: torch/_utils.py (_rebuild_...) and torch/serialization.py (persistent_id).

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;

// Few enough to copy: a large shared tuple, copied again and again, would fill memory.
constexpr size_t kMostArguments = 8;

PickleValue tensor(const PickleItems& arguments, PickleReader& reader) {
  if (arguments.size() > kMostArguments) reader.refuse("a tensor that is built in another way");
  return {.kind = Kind::kTensor, .items = arguments};
}

PickleValue parameter(const PickleItems& arguments, PickleReader& reader) {
  if (arguments.empty() || arguments[0]->kind != Kind::kTensor) reader.refuse("a parameter that is not a tensor");
  return *arguments[0];
}

PickleValue ordered_dict(const PickleItems& arguments, PickleReader& reader) {
  if (!arguments.empty()) reader.refuse("an OrderedDict that is built in another way");
  return {.kind = Kind::kDict};
}

// ("storage", torch.FloatStorage, "key", "cpu", elements).
PickleValue storage(const PickleValue& id, PickleReader& reader) {
  const PickleItems& items = id.items;
  if (items.size() < 5 || !items[2]->is_string() || items[4]->kind != Kind::kInteger) {
    reader.refuse("a storage that is named in another way");
  }
  if (items[1]->known == nullptr || items[1]->known->meaning.empty()) {
    reader.refuse("a storage of the type " + in_quotes(items[1]->bytes));
  }
  return {.kind = Kind::kStorage, .bytes = items[2]->bytes, .known = items[1]->known};
}

// Searched only among the first attributes, where torch.nn.Module has it: searching a large shared state again and
// again would take hours.
bool has_modules(const PickleValue& state) {
  constexpr size_t kMostAttributes = 64;
  if (state.kind != Kind::kDict) return false;
  for (size_t i = 0; i < std::min(state.items.size(), 2 * kMostAttributes); i += 2) {
    if (state.items[i]->is_string() && state.items[i]->bytes == "_modules") return true;
  }
  return false;
}

// An object's state is left out, except for this.
void note_module(PickleValue& object, const PickleValue& state, PickleReader&) {
  if (object.kind == Kind::kOther && !object.is_module) object.is_module = has_modules(state);
}

// A storage's meaning is its element type, named as in StoredTensor.
constexpr std::array kNames = {
    PickleName{"torch._utils", "_rebuild_tensor", tensor},
    PickleName{"torch._utils", "_rebuild_tensor_v2", tensor},
    PickleName{"torch._utils", "_rebuild_parameter", parameter},
    PickleName{"torch._utils", "_rebuild_parameter_with_state", parameter},
    PickleName{"collections", "OrderedDict", ordered_dict},
    PickleName{"torch", "DoubleStorage", nullptr, "F64"},
    PickleName{"torch", "FloatStorage", nullptr, "F32"},
    PickleName{"torch", "HalfStorage", nullptr, "F16"},
    PickleName{"torch", "BFloat16Storage", nullptr, "BF16"},
    PickleName{"torch", "LongStorage", nullptr, "I64"},
    PickleName{"torch", "IntStorage", nullptr, "I32"},
    PickleName{"torch", "ShortStorage", nullptr, "I16"},
    PickleName{"torch", "CharStorage", nullptr, "I8"},
    PickleName{"torch", "ByteStorage", nullptr, "U8"},
    PickleName{"torch", "BoolStorage", nullptr, "BOOL"},
};

}  // namespace

const PickleForm kTorchPickle = {
    .content = "tensors, dictionaries and plain values, as torch.save writes a state_dict,",
    .advice = "save the state_dict again",
    .names = kNames,
    .accepts_other_names = true,
    .set_state = note_module,
    .persistent = storage,
};

}  // namespace smlt::codec
