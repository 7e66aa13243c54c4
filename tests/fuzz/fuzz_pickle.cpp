// Any bytes as a pickle, as a CIFAR batch and as its names, all of which use the result of the same machine.
#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"
#include "codec/pickle/pickle_numpy.hpp"
#include "codec/pickle/pickle_values.hpp"
#include "datasets/cifar.hpp"

using namespace smlt::codec;
using namespace smlt::datasets;

namespace {

template <typename Read>
void attempt(Read read) {
  try {
    read();
  } catch (const smlt::UserError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  attempt([&] {
    const Pickle pickle({data, size}, "fuzz.pickle", kNumpyPickle);
    for (const PickleValue* item : pickle.root().items) {
      if (item->kind == PickleValue::Kind::kMark) std::abort();
      integers_of(*item);
      texts_of(*item);
      described(*item);
    }
  });
  for (const int classes : {10, 100}) {
    attempt([&] {
      const CifarRows rows = read_cifar_rows(CifarForm::kPickle, classes, {data, size}, "fuzz.pickle");
      if (rows.size() == 0 || rows.images.size() != rows.size() * CifarRows::kPixels) std::abort();
    });
    attempt([&] { read_cifar_names(CifarForm::kPickle, classes, {data, size}, "fuzz.pickle"); });
  }
  return 0;
}
