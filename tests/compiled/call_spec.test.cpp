#include "compiled/call_spec.hpp"

#include <torch/torch.h>

#include <stdexcept>

#include "tests/catch.hpp"

using namespace smlt;

namespace {

const std::string kLeaf = R"({"type": null, "context": null, "children_spec": []})";

std::string tree(const std::string& type, const std::string& children, const std::string& context = "null") {
  return R"({"type": ")" + type + R"(", "context": )" + context + R"(, "children_spec": [)" + children + "]}";
}

std::string spec(const std::string& root) { return "[1, " + root + "]"; }

std::string called_with(const std::string& by_position, const std::string& by_name = "") {
  return spec(
      tree("builtins.tuple", tree("builtins.tuple", by_position) + ", " + tree("builtins.dict", by_name, R"("[]")")));
}

}  // namespace

TEST_CASE("A compiled network's own account of its arguments says whether it takes one tensor", "[compiled]") {
  CHECK(compiled::CallSpec(called_with(kLeaf), spec(kLeaf)).takes_a_tensor());
  CHECK_FALSE(compiled::CallSpec(called_with(kLeaf + ", " + kLeaf), spec(kLeaf)).takes_a_tensor());
  CHECK_FALSE(compiled::CallSpec(called_with(""), spec(kLeaf)).takes_a_tensor());
  CHECK_FALSE(compiled::CallSpec(called_with(tree("builtins.list", kLeaf)), spec(kLeaf)).takes_a_tensor());
  CHECK_FALSE(compiled::CallSpec(called_with(kLeaf, kLeaf), spec(kLeaf)).takes_a_tensor());
  CHECK_FALSE(compiled::CallSpec(spec(kLeaf), spec(kLeaf)).takes_a_tensor());
}

TEST_CASE("Its outputs are arranged as the network returned them", "[compiled]") {
  const at::Tensor a = torch::ones({1}), b = torch::zeros({2}), c = torch::full({3}, 3);
  const compiled::CallSpec one(called_with(kLeaf), spec(kLeaf));
  CHECK_FALSE(one.returns_structures());
  CHECK(torch::equal(one.arranged({a}).toTensor(), a));
  const std::string inner = tree("builtins.list", kLeaf + ", " + tree("builtins.tuple", kLeaf));
  const compiled::CallSpec nested(called_with(kLeaf),
                                  spec(tree("builtins.dict", kLeaf + ", " + inner, R"("[\"x\", \"y\"]")")));
  CHECK(nested.returns_structures());
  const c10::IValue value = nested.arranged({a, b, c});
  const auto dictionary = value.toGenericDict();
  CHECK(torch::equal(dictionary.at("x").toTensor(), a));
  const auto list = dictionary.at("y").toListRef();
  CHECK(torch::equal(list[0].toTensor(), b));
  CHECK(torch::equal(list[1].toTupleRef().elements()[0].toTensor(), c));
  CHECK_THROWS_AS(nested.arranged({a, b}), std::invalid_argument);
  CHECK_THROWS_AS(nested.arranged({a, b, c, a}), std::invalid_argument);
}

TEST_CASE("A damaged account is refused", "[compiled]") {
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[1]"), std::string("[1, 2]"), spec("{}"),
        spec(R"({"type": "builtins.tuple", "context": null})"), spec(tree("builtins.tuple", "7"))}) {
    INFO(text);
    CHECK_THROWS_AS(compiled::CallSpec(text, spec(kLeaf)), std::invalid_argument);
    CHECK_THROWS_AS(compiled::CallSpec(called_with(kLeaf), text), std::invalid_argument);
  }
}
