// What a bare model.pt may return besides one tensor, and in which number types.
#include "base/error.hpp"
#include "codec/array/npy_header.hpp"
#include "tests/serve/served_models.hpp"

using namespace smlt;
using namespace smlt::test;

namespace {

const std::string kCsv = "text/csv";

std::string body(const std::string& code, const std::string& type = kJson, const std::string& sent = "[[1, 2]]",
                 const std::string& accept = "") {
  Bare model("def forward(self, x):\n" + code);
  return ask(*model.endpoint, type, sent, accept).body;
}

// TorchScript compiled from C++ knows number types by their codes.
std::string code_of_type(at::ScalarType type) { return std::to_string(static_cast<int>(type)); }

std::string typed(const std::string& result, const std::string& code) {
  return "def forward(self, x) -> " + result + ":\n" + code;
}

void check_refused(const http::Response& response, int status, const std::string& code, const std::string& phrase) {
  INFO(response.body);
  REQUIRE(response.status == status);
  CHECK(code_of(response) == code);
  CHECK_THAT(response.body, ContainsSubstring(phrase));
}

}  // namespace

TEST_CASE("Tuples, lists, dictionaries, numbers and texts are answered as json.dumps prints them", "[serve]") {
  CHECK(body("  return x, x.argmax(1)\n") == "[[[1.0, 2.0]], [1]]");
  CHECK(body("  return (x,)\n") == "[[[1.0, 2.0]]]");
  CHECK(body("  return [x, x[0]]\n") == "[[[1.0, 2.0]], [1.0, 2.0]]");
  CHECK(body("  return {\"logits\": x, \"label\": x.argmax(1)}\n") == R"({"logits": [[1.0, 2.0]], "label": [1]})");
  CHECK(body("  return {7: x, -1: x[0, 0]}\n") == R"({"7": [[1.0, 2.0]], "-1": 1.0})");
  CHECK(body("  return {0.5: 1, 1e-05: 2}\n") == R"({"0.5": 1, "1e-05": 2})");
  CHECK(body("  return {True: x.size(0)}\n") == R"({"true": 1})");
  CHECK(body("  return x.size(1)\n") == "2");
  CHECK(body("  return float(x[0, 1]) / 4\n") == "0.5");
  CHECK(body("  return x.dim() == 2\n") == "true");
  CHECK(body("  return None\n") == "null");
  CHECK(body("  return \"it's\\t\\n\\\\\"\n") == R"("it's\t\n\\")");
  CHECK(body("  return {\"a\": {\"b\": (x.size(0), [\"c\"])}, \"d\": {\"b\": (2, [\"e\", \"f\"])}}\n") ==
        R"({"a": {"b": [1, ["c"]]}, "d": {"b": [2, ["e", "f"]]}})");
  CHECK(body("  a : List[Tensor] = []\n  return a\n") == "[]");
  CHECK(body("  a : Optional[Tensor] = None\n  return x, a, float(\"nan\"), float(\"inf\")\n") ==
        "[[[1.0, 2.0]], null, NaN, Infinity]");
  CHECK(body("  return (x,)\n", kNpy, npy(torch::ones({1, 1}, torch::kLong)), "*/*") == "[[[1]]]");
}

TEST_CASE("Npy and CSV carry only one tensor, which is said before anything is computed", "[serve]") {
  const std::string fails = "  assert x.dim() > 5, \"it was computed\"\n";
  for (const std::string result : {"  return x, x\n", "  return [x]\n", "  return {\"a\": x}\n", "  return 1.5\n"}) {
    Bare model("def forward(self, x):\n" + fails + result);
    for (const std::string& accept : {kNpy, kCsv, kCsv + ", " + kNpy + ";q=0.5"}) {
      check_refused(ask(*model.endpoint, kJson, "[1]", accept), 406, "not_acceptable", "not one tensor");
    }
    check_refused(ask(*model.endpoint, kJson, "[1]", kCsv + ", " + kJson + ";q=0.1"), 400, "bad_request", "computed");
  }
  Bare either(typed("Optional[Tensor]", "  if bool(x.sum() > 0):\n    return x\n  return None\n"));
  CHECK(ask(*either.endpoint, kJson, "[1]", kCsv).body == "1.0\n");
  CHECK(ask(*either.endpoint, kJson, "[-1]", kJson).body == "null");
  check_refused(ask(*either.endpoint, kJson, "[-1]", kCsv), 406, "not_acceptable", "not one tensor");

  settings::Endpoint chosen = chosen_settings();
  chosen.default_accept = kCsv;
  Bare pair("def forward(self, x):\n  return x, 1\n", "model.pt", chosen);
  CHECK(ask(*pair.endpoint, kJson, "[1]").body == "[[1.0], 1]");
}

TEST_CASE("JSON Lines have one line per output whatever it is, and JSON one element per line", "[serve]") {
  Bare pair("def forward(self, x):\n  return {\"sum\": float(x.sum()), \"x\": x}\n");
  CHECK(ask(*pair.endpoint, kLines, "[1]\n[2, 3]").body ==
        "{\"sum\": 1.0, \"x\": [[1.0]]}\n{\"sum\": 5.0, \"x\": [[2.0, 3.0]]}");
  CHECK(ask(*pair.endpoint, kLines, "[1]\n[2, 3]", kJson).body ==
        R"([{"sum": 1.0, "x": [[1.0]]}, {"sum": 5.0, "x": [[2.0, 3.0]]}])");
  CHECK(ask(*pair.endpoint, kLines, "[1]", kJson).body == R"([{"sum": 1.0, "x": [[1.0]]}])");
  CHECK(ask(*pair.endpoint, kJson, "[1]", kLines).body == R"({"sum": 1.0, "x": [1.0]})");
  Bare sum("def forward(self, x):\n  return x.sum()\n");
  CHECK(ask(*sum.endpoint, kLines, "[1]\n[2, 3]", kJson).body == "[1.0, 5.0]");
}

TEST_CASE("Lines that fail in the model are remarked for the log, those that the request spoils are not", "[serve]") {
  Bare two("def forward(self, x, y):\n  return x + y\n");
  const http::Response failed = ask(*two.endpoint, kLines, "[1]\n[2]");
  CHECK(failed.status == 200);
  CHECK_THAT(failed.remark, ContainsSubstring("2 lines failed, the first: ") && ContainsSubstring("'y'"));
  Bare same("def forward(self, x):\n  return x\n");
  const http::Response spoilt = ask(*same.endpoint, kLines, "[1]\nwords");
  CHECK_THAT(spoilt.body, ContainsSubstring("error"));
  CHECK(spoilt.remark.empty());
}

TEST_CASE("Lines of unequal lengths do not form an array, which is the request's fault", "[serve]") {
  Bare same("def forward(self, x):\n  return x\n");
  for (const std::string& accept : {kJson, kNpy, kCsv}) {
    check_refused(ask(*same.endpoint, kLines, "[1, 2]\n[1, 2, 3]", accept), 400, "bad_request", "(1, 2) and (1, 3)");
  }
  CHECK(ask(*same.endpoint, kLines, "[1, 2]\n[1, 2, 3]").body == "[1.0, 2.0]\n[1.0, 2.0, 3.0]");
  CHECK(ask(*same.endpoint, kLines, "[1, 2]\n[3, 4]", kJson).body == "[[1.0, 2.0], [3.0, 4.0]]");
}

TEST_CASE("Numbers of every type are answered correctly or refused", "[serve]") {
  const std::string sent = "[[1, 2.5, 0, 7]]";
  struct Known {
    at::ScalarType type;
    std::string json, npy;
  };
  const std::string whole = "[[1, 2, 0, 7]]", real = "[[1.0, 2.5, 0.0, 7.0]]";
  for (const Known& known :
       {Known{at::kByte, whole, "<i8"}, Known{at::kChar, whole, "<i8"}, Known{at::kShort, whole, "<i8"},
        Known{at::kInt, whole, "<i8"}, Known{at::kLong, whole, "<i8"}, Known{at::kUInt16, whole, "<i8"},
        Known{at::kUInt32, whole, "<i8"}, Known{at::kUInt64, whole, "<i8"}, Known{at::kHalf, real, "<f8"},
        Known{at::kBFloat16, real, "<f8"}, Known{at::kFloat, real, "<f8"}, Known{at::kDouble, real, "<f8"},
        Known{at::kFloat8_e5m2, real, "<f8"}, Known{at::kFloat8_e4m3fn, real, "<f8"},
        Known{at::kBool, "[[true, true, false, true]]", "|b1"}}) {
    INFO(c10::toString(known.type));
    Bare model("def forward(self, x):\n  return x.to(" + code_of_type(known.type) + ")\n");
    CHECK(ask(*model.endpoint, kJson, sent).body == known.json);
    CHECK(ask(*model.endpoint, kLines, "[1, 2.5, 0, 7]").body == known.json.substr(1, known.json.size() - 2));
    const std::string array = ask(*model.endpoint, kJson, sent, kNpy).body;
    std::string_view rest = array;
    CHECK(codec::read_npy_header(rest, "answer").type == known.npy);
    CHECK(text(tensor::tensor_of(codec::read_npy(array, "answer"))) == known.json);
  }
}

TEST_CASE("Large unsigned integers keep their values", "[serve]") {
  const std::string code =
      "  return (x - 1).to(" + code_of_type(at::kLong) + ").to(" + code_of_type(at::kUInt64) + ")\n";
  CHECK(body(code, kJson, "[0, 1]") == "[18446744073709551615, 0]");
  CHECK(body(code, kJson, "[0, 1]", kCsv) == "18446744073709551615\n0\n");
  const std::string array = body(code, kJson, "[0, 1]", kNpy);
  CHECK_THAT(array, ContainsSubstring("'<u8'"));
  CHECK(array.ends_with(std::string(8, '\xFF') + std::string(8, '\0')));
}

TEST_CASE("Complex numbers are answered as npy and refused by JSON and CSV in a sentence", "[serve]") {
  Bare model("def forward(self, x):\n  return torch.complex(x, x + 1).conj()\n");
  const std::string array = ask(*model.endpoint, kJson, "[1, 2]", kNpy).body;
  CHECK_THAT(array, ContainsSubstring("'<c16'"));
  const std::vector<double> expected = {1, -2, 2, -3};
  CHECK(array.ends_with(std::string(reinterpret_cast<const char*>(expected.data()), 4 * sizeof(double))));
  for (const std::string& accept : {kJson, kCsv, kLines}) {
    check_refused(ask(*model.endpoint, kJson, "[1, 2]", accept), 406, "not_acceptable", "complex numbers");
  }
  check_refused(ask(*model.endpoint, kJson, "[1]", kNpy + ";dtype=float32"), 406, "not_acceptable", "without a dtype");
  Bare imaginary("def forward(self, x):\n  return torch.imag(torch.complex(x, x).conj())\n");
  CHECK(ask(*imaginary.endpoint, kJson, "[1, 2]").body == "[-1.0, -2.0]");
  Bare inside("def forward(self, x):\n  return x, torch.complex(x, x)\n");
  check_refused(ask(*inside.endpoint, kJson, "[1]"), 406, "not_acceptable", "complex numbers");
}

TEST_CASE("Quantised and sparse tensors are answered with the numbers they stand for", "[serve]") {
  const std::string quantised = "  return torch.quantize_per_tensor(x, 0.5, 3, " + code_of_type(at::kQUInt8) + ")\n";
  const std::string sparse = "  return x.to_sparse()\n";
  for (const std::string& code : {quantised, sparse}) {
    CHECK(body(code, kJson, "[[1, 0, 2.5]]") == "[[1.0, 0.0, 2.5]]");
    CHECK(body(code, kJson, "[[1, 0, 2.5]]", kCsv) == "1.0,0.0,2.5\n");
    CHECK(body(code, kLines, "[1, 0, 2.5]") == "[1.0, 0.0, 2.5]");
  }
  const std::string huge = "  return torch.sparse_coo_tensor(torch.zeros([2, 1], dtype=" + code_of_type(at::kLong) +
                           "), x, [1000000, 1000000])\n";
  Bare model("def forward(self, x):\n" + huge);
  check_refused(ask(*model.endpoint, kJson, "[1]"), 413, "answer_too_large", "");
}

TEST_CASE("The model's errors are 500 with their own code, the request's errors 400", "[serve]") {
  const auto answered = [](const std::string& code) {
    Bare model("def forward(self, x):\n" + code + "  return x\n");
    return ask(*model.endpoint, kJson, "[[1, 2]]");
  };
  check_refused(answered("  assert x.dim() > 5, \"no such luck\"\n"), 400, "bad_request", "no such luck");
  check_refused(answered("  x = torch.linear(x, torch.ones([3, 3]))\n"), 400, "bad_request", "shape (1, 2)");
  Bare two("def forward(self, x, y):\n  return x + y\n");
  check_refused(ask(*two.endpoint, kJson, "[1]"), 500, "model_error", "'y'");
  Bare list("def forward(self, x: List[Tensor]):\n  return x[0]\n");
  check_refused(ask(*list.endpoint, kJson, "[1]"), 500, "model_error", "List[Tensor]");
  Bare optional("def forward(self, x, scale: float = 2.0):\n  return x * scale\n");
  CHECK(ask(*optional.endpoint, kJson, "[1]").body == "[2.0]");
  Bare device("def forward(self, x):\n  return x.device\n");
  check_refused(ask(*device.endpoint, kJson, "[1]"), 500, "model_error", "'Device'");
  Bare keys("def forward(self, x):\n  return {x: 1}\n");
  check_refused(ask(*keys.endpoint, kJson, "[1]"), 500, "model_error", "keys");
}

TEST_CASE("A lost GPU is reported, lack of GPU memory is not", "[serve]") {
  struct Said {
    std::string text;
    int lost;
    std::string code;
  };
  for (const Said& said :
       {Said{"CUDA error: device-side assert triggered", 1, "device_error"},
        Said{"CUDA error: an illegal memory access was encountered", 1, "device_error"},
        Said{"CUDA out of memory. Tried to allocate 2.00 GiB", 0, "out_of_memory"},
        Said{"CUDA error: out of memory", 0, "out_of_memory"},
        Said{"CUDA_ERROR_OUT_OF_MEMORY: out of memory", 0, "out_of_memory"},
        Said{"torch.OutOfMemoryError: no room", 0, "out_of_memory"},
        Said{"CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", 0, "out_of_memory"}}) {
    INFO(said.text);
    test::TemporaryDirectory directory;
    torch::jit::Module module("Net");
    module.define("def forward(self, x):\n  assert x.dim() > 5, \"" + said.text + "\"\n  return x\n");
    module.save((directory.path() / "model.pt").string());
    std::vector<std::string> reasons;
    const auto lost = [&](const std::exception_ptr& error) {
      try {
        std::rethrow_exception(error);
      } catch (const PlatformError& e) {
        reasons.emplace_back(e.what());
      }
    };
    serve::Endpoint endpoint(directory.path(), chosen_settings(1), c10::kCPU, quiet(), lost);
    check_refused(ask(endpoint, kJson, "[1]"), 500, said.code, "");
    REQUIRE(reasons.size() == static_cast<size_t>(said.lost));
    if (said.lost > 0) CHECK_THAT(reasons[0], ContainsSubstring(said.text));
  }
}
