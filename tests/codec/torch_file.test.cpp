#include "codec/torch_file.hpp"

#include <stdexcept>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/codec/made_weights.hpp"

using namespace std::string_literals;
using namespace smlt::codec;
using namespace smlt::test;

namespace {

std::span<const uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::vector<StoredTensor> read(const std::string& bytes) { return read_torch_file(as_bytes(bytes), "a.pth"); }

std::string with_data(const std::string& from, const std::string& to) {
  std::string pickled = kTorchPickled;
  const size_t at = pickled.find(from);
  REQUIRE(at != std::string::npos);
  return made_torch_file(pickled.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("A state_dict is read from either form, and from among other values", "[codec]") {
  for (const std::string& bytes :
       {made_torch_file(kTorchPickled), kOldTorchFile, made_torch_file(kTorchCheckpointPickled)}) {
    CHECK(is_torch_file(bytes));
    const std::vector<StoredTensor> tensors = read(bytes);
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

TEST_CASE("A shape that reaches out of its storage is refused", "[codec]") {
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

TEST_CASE("What is no state_dict is named, and nothing of it is run", "[codec]") {
  const auto reason = [](const std::string& pickled) { return read(made_torch_file(pickled)); };
  CHECK_THROWS_WITH(reason("\x80\x02"
                           "ctorchvision.models.resnet\nResNet\n)\x81}b."s),
                    ContainsSubstring("an object of 'torchvision.models.resnet.ResNet', which is not run"));
  CHECK_THROWS_WITH(reason("\x80\x02}U\1acposix\nsystem\nU\4true\x85Rs."s),
                    ContainsSubstring("holds no tensors, but an object of 'posix.system', which was not run"));
  CHECK(reason("\x80\x02}."s).empty());
  CHECK_THROWS_WITH(reason("\x80\x02K\1."s), ContainsSubstring("holds no dictionary of tensors"));
  CHECK_THROWS_WITH(read(with_data("ctorch\nFloatStorage\n"s, "ctorch\nQInt8Storage\n"s)),
                    ContainsSubstring("a storage of the type 'torch.QInt8Storage'"));
  CHECK_THROWS_WITH(reason("\x80\x02}\x92."s), ContainsSubstring("the opcode 0x92 at byte 3"));
  CHECK_THROWS_WITH(read(made_zip({{"archive/other", ""}})), ContainsSubstring("no entry data.pkl"));
  CHECK_THROWS_WITH(read(made_zip({{"archive/data.pkl", kTorchPickled}})),
                    ContainsSubstring("lacks the values of 'a'"));
}

TEST_CASE("A file of torch.save that is cut off anywhere is an error", "[codec]") {
  for (const std::string& whole : {made_torch_file(kTorchPickled), kOldTorchFile}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK_THROWS_AS(read(whole.substr(0, size)), std::runtime_error::exception);
    }
  }
}
