#include "codec/weights/torch_file.hpp"

#include <map>
#include <stdexcept>
#include <string>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "codec/archive/zip.hpp"
#include "codec/pickle/pickle_torch.hpp"

namespace smlt::codec {
namespace {

using std::invalid_argument;
using Kind = PickleValue::Kind;
using Bytes = std::span<const uint8_t>;
using Storages = std::map<std::string_view, Bytes>;  // by key

constexpr std::string_view kZip{"PK\x03\x04", 4};
// A pickle of the number 0x1950a86a20f9469cfc6c.
constexpr std::string_view kOldMagic{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15};

std::vector<int64_t> numbers_in(const PickleValue& sequence, std::string_view name) {
  std::vector<int64_t> numbers;
  for (const PickleValue* item : sequence.items) {
    if (item->kind != Kind::kInteger) throw invalid_argument("the shape of " + in_quotes(name) + " is none");
    numbers.push_back(item->number);
  }
  return numbers;
}

// The arguments of _rebuild_tensor_v2: storage, offset, sizes, strides, and what matters only to gradients.
StoredTensor tensor_from(const PickleValue& value, std::string_view name, const Storages& storages) {
  const PickleItems& arguments = value.items;
  if (arguments.size() < 4 || arguments[0]->kind != Kind::kStorage || arguments[1]->kind != Kind::kInteger) {
    throw invalid_argument(in_quotes(name) + " is not a tensor with values");
  }
  const auto storage = storages.find(arguments[0]->bytes);
  if (storage == storages.end()) throw invalid_argument("it lacks the values of " + in_quotes(name));
  StoredTensor tensor{.name = std::string(name),
                      .type = arguments[0]->known->meaning,
                      .shape = numbers_in(*arguments[2], name),
                      .strides = numbers_in(*arguments[3], name),
                      .offset = arguments[1]->number,
                      .storage = storage->second};
  check(tensor);
  return tensor;
}

WeightsFile weights_in(const PickleValue& root, const Storages& storages) {
  return find_torch_dicts(
      root, [&](const PickleValue& value, std::string_view name) { return tensor_from(value, name, storages); });
}

// The name of an entry starts with the name of the file that was written.
std::string_view without_folder(std::string_view name) { return name.substr(name.find('/') + 1); }

[[noreturn]] void refuse_script() {
  throw invalid_argument(
      "it is a TorchScript model, which torch.jit.save wrote; save its state_dict instead, as "
      "torch.save(torch.jit.load(FILE).state_dict(), OTHER) does");
}

WeightsFile read_new(Bytes bytes, std::string_view name) {
  constexpr std::string_view kData = "data/";
  Bytes pickled;
  Storages storages;
  for (const ZipMember& member : zip_members({reinterpret_cast<const char*>(bytes.data()), bytes.size()})) {
    const std::string_view inner = without_folder(member.name);
    const Bytes content(reinterpret_cast<const uint8_t*>(member.packed.data()), member.packed.size());
    const bool is_data = inner.starts_with(kData);
    if (member.is_deflated && (is_data || inner == "data.pkl")) {
      throw invalid_argument("its entry " + in_quotes(member.name) + " is compressed, as torch.save never does");
    }
    if (inner == "constants.pkl") refuse_script();
    if (inner == "data.pkl") pickled = content;
    if (is_data) storages[inner.substr(kData.size())] = content;
  }
  if (pickled.empty()) throw invalid_argument("its zip archive has no entry data.pkl");
  const Pickle pickle(pickled, name, kTorchPickle);
  return weights_in(pickle.root(), storages);
}

Bytes take(Bytes& bytes, uint64_t size) {
  if (size > bytes.size()) throw invalid_argument("it is cut off");
  const Bytes taken = bytes.first(size);
  bytes = bytes.subspan(size);
  return taken;
}

Pickle take_pickle(Bytes& bytes, std::string_view name) {
  Pickle pickle(bytes, name, kTorchPickle);
  take(bytes, pickle.size());
  return pickle;
}

uint64_t take_count(Bytes& bytes) { return from_little_endian(take(bytes, sizeof(uint64_t))); }

// Pickles of a magic number, a protocol number, facts about the machine, the object, and the keys of its storages;
// then, for each storage in this order, the count of its elements and their values.
WeightsFile read_old(Bytes bytes, std::string_view name) {
  take(bytes, kOldMagic.size());
  for (int number = 0; number < 2; ++number) take_pickle(bytes, name);
  const Pickle object = take_pickle(bytes, name);
  const Pickle keys = take_pickle(bytes, name);
  std::map<std::string_view, size_t> sizes;  // of an element
  for (const PickleValue* storage : object.all(Kind::kStorage)) {
    sizes[storage->bytes] = element_size(storage->known->meaning);
  }
  Storages storages;
  for (const PickleValue* key : keys.root().items) {
    const auto size = sizes.find(key->bytes);
    if (size == sizes.end()) throw invalid_argument("it holds a storage that no tensor has");
    const uint64_t count = take_count(bytes);
    if (count > bytes.size() / size->second) throw invalid_argument("it is cut off");
    storages[key->bytes] = take(bytes, count * size->second);
  }
  return weights_in(object.root(), storages);
}

}  // namespace

bool is_torch_file(std::string_view start) { return start.starts_with(kZip) || start.starts_with(kOldMagic); }

WeightsFile read_torch_file(Bytes bytes, std::string_view name) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (start.starts_with(kZip)) return read_new(bytes, name);
  if (start.starts_with(kOldMagic)) return read_old(bytes, name);
  throw invalid_argument("it is not a file written by torch.save");
}

}  // namespace smlt::codec
