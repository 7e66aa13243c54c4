#include "codec/weights/torch_file.hpp"

#include <stdexcept>

#include "base/error.hpp"
#include "tests/bytes.hpp"
#include "tests/catch.hpp"
#include "tests/codec/weights/made_weights.hpp"

using namespace std::string_literals;
using namespace smlt::codec;
using namespace smlt::test;

namespace {

WeightsFile read(const std::string& bytes) { return read_torch_file(as_bytes(bytes), "a.pth"); }

std::string with_data(const std::string& from, const std::string& to) {
  std::string pickled = kTorchPickled;
  const size_t at = pickled.find(from);
  REQUIRE(at != std::string::npos);
  return made_torch_file(pickled.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("A state_dict is read from either form, and from among other values", "[weights]") {
  for (const std::string& bytes :
       {made_torch_file(kTorchPickled), kOldTorchFile, made_torch_file(kTorchCheckpointPickled)}) {
    CHECK(is_torch_file(bytes));
    const WeightsFile file = read(bytes);
    REQUIRE(file.dicts.size() == 1);
    const std::vector<StoredTensor>& tensors = file.dicts[0].tensors;
    REQUIRE(tensors.size() == 2);
    CHECK(tensors[0].name == "a");
    CHECK(tensors[0].type == "F32");
    CHECK(tensors[0].shape == std::vector<int64_t>{2, 3});
    CHECK(tensors[0].strides == std::vector<int64_t>{3, 1});
    CHECK(std::string(tensors[0].storage.begin(), tensors[0].storage.end()).substr(0, 8) == "\0\0\x80\x3f\0\0\0\x40"s);
    CHECK(tensors[1].name == "t");
    CHECK(tensors[1].type == "I64");
    CHECK(tensors[1].shape == std::vector<int64_t>{2, 1});
    CHECK(tensors[1].strides == std::vector<int64_t>{1, 2});
    CHECK(tensors[1].storage.size() == 16);
  }
}

TEST_CASE("A shape that reaches outside its storage is refused", "[weights]") {
  const std::string shape = "K\2K\3\x86"s, strides = "K\3K\1\x86"s;
  CHECK_NOTHROW(read(with_data(shape, "K\1K\3\x86"s)));
  CHECK_THROWS_WITH(read(with_data(shape, "K\2K\4\x86"s)), ContainsSubstring("the shape of 'a' does not fit its data"));
  const std::string huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"s;
  for (const std::string& wrong :
       {"K\2K\3K\1\x87"s, "J\xff\xff\xff\xffK\3\x86"s, huge + huge + "\x86", huge + "K\1\x86"s, "K\2N\x86"s}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(read(with_data(shape, wrong)), std::invalid_argument);
  }
  CHECK_THROWS_AS(read(with_data(strides, "K\4K\1\x86"s)), std::invalid_argument);
  CHECK_THROWS_AS(read(with_data(strides, huge + "K\1\x86"s)), std::invalid_argument);
  CHECK_THROWS_AS(read(with_data("QK\0"s, "QK\1"s)), std::invalid_argument);  // the offset
}

TEST_CASE("Anything but a state_dict is named, and none of it is run", "[weights]") {
  const auto reason = [](const std::string& pickled) { return read(made_torch_file(pickled)); };
  CHECK_THROWS_WITH(reason("\x80\x02"
                           "ctorchvision.models.resnet\nResNet\n)\x81}b."s),
                    ContainsSubstring("an object of the class 'torchvision.models.resnet.ResNet', none of which"));
  CHECK_THROWS_WITH(
      reason("\x80\x02"
             "cnets\nNet\n)\x81}U\x08_modules}sb."s),
      ContainsSubstring(
          "but a whole model, an object of the class 'nets.Net', none of which is run; save its state_dict instead"));
  CHECK_THROWS_WITH(
      reason("\x80\x02}U\1acposix\nsystem\nU\4true\x85Rs."s),
      ContainsSubstring("an object of the class 'posix.system' (its keys are 'a'), none of which is run"));
  CHECK_THROWS_WITH(reason("\x80\x02}."s), "it holds no tensors");
  CHECK_THROWS_WITH(reason("\x80\x02}(U\1aK\1U\1bNK\3Nu."s), "it holds no tensors (its keys are 'a', 'b' and '3')");
  CHECK_THROWS_WITH(reason("\x80\x02K\1."s), "it holds no dictionary of tensors, but an integer");
  CHECK_THROWS_WITH(read(made_zip({{"archive/constants.pkl", ""}, {"archive/data.pkl", kTorchPickled}})),
                    ContainsSubstring("it is a TorchScript model"));
  CHECK_THROWS_WITH(read(with_data("ctorch\nFloatStorage\n"s, "ctorch\nQInt8Storage\n"s)),
                    ContainsSubstring("a storage of the type 'torch.QInt8Storage'"));
  CHECK_THROWS_WITH(reason("\x80\x02}\x92."s), ContainsSubstring("the opcode 0x92 at byte 3"));
  CHECK_THROWS_WITH(read(made_zip({{"archive/other", ""}})), ContainsSubstring("no entry data.pkl"));
  CHECK_THROWS_WITH(read(made_zip({{"archive/data.pkl", kTorchPickled}})),
                    ContainsSubstring("lacks the values of 'a'"));
}

TEST_CASE("Of several dictionaries, those named like weights come first, averages last", "[weights]") {
  const std::string pickled = kTorchPickled.substr(2, kTorchPickled.size() - 3);  // without PROTO and STOP
  const auto paths = [&](const std::vector<std::string>& keys) {
    std::string file = "\x80\x02}(";
    for (const std::string& key : keys) file += "U" + std::string(1, static_cast<char>(key.size())) + key + pickled;
    std::vector<std::string> found;
    for (const TensorDict& dict : read(made_torch_file(file + "u.")).dicts) {
      CHECK(dict.tensors.size() == 2);
      found.push_back(dict.path);
    }
    return found;
  };
  using Paths = std::vector<std::string>;
  CHECK(paths({"model_ema", "teacher", "model"}) == Paths{"model", "teacher", "model_ema"});
  CHECK(paths({"ema_state_dict", "model_state_dict"}) == Paths{"model_state_dict", "ema_state_dict"});
  CHECK(paths({"weights", "net", "state_dict"}) == Paths{"state_dict", "net", "weights"});
  CHECK(paths({"ema"}) == Paths{"ema"});
  // Below another dictionary, and no deeper than two levels: an optimizer's state is three below a checkpoint.
  const auto nested = [&](int levels) {
    std::string file = "\x80\x02";
    for (int i = 0; i < levels; ++i) file += "}U\1k";
    return made_torch_file(file + pickled + std::string(static_cast<size_t>(levels), 's') + ".");
  };
  CHECK(read(nested(0)).dicts[0].path == "");
  CHECK(read(nested(1)).dicts[0].path == "k");
  CHECK(read(nested(2)).dicts[0].path == "k.k");
  CHECK(read(nested(2)).keys == Paths{"k"});
  CHECK_THROWS_WITH(read(nested(3)), ContainsSubstring("it holds no tensors (its keys are 'k')"));
  // One that contains itself, and one that occurs a thousand times.
  CHECK_THROWS_WITH(read(made_torch_file("\x80\x02}q\1U\1ah\1s."s)), ContainsSubstring("it holds no tensors"));
  std::string many = "\x80\x02}(K\0"s + pickled + "q\x30";
  for (int i = 1; i < 1000; ++i) many += "M"s + static_cast<char>(i % 256) + static_cast<char>(i / 256) + "h\x30";
  CHECK(read(made_torch_file(many + "u.")).dicts.size() == 1);
}

TEST_CASE("A file of torch.save that is cut off anywhere is an error", "[weights]") {
  for (const std::string& whole : {made_torch_file(kTorchPickled), kOldTorchFile}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK_THROWS_AS(read(whole.substr(0, size)), std::runtime_error::exception);
    }
  }
}
