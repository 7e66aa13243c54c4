#include "compiled/call_spec.hpp"

#include <boost/json.hpp>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace smlt::compiled {
namespace json = boost::json;
namespace {

constexpr std::string_view kTuple = "builtins.tuple";

// The text is [1, tree]: 1 is the version of this form.
json::value tree_in(const std::string& text) {
  const json::value root = json::parse(text);
  if (!root.is_array() || root.as_array().size() != 2 || !root.at(1).is_object()) {
    throw std::invalid_argument("it is not a tree of version 1");
  }
  return root.at(1);
}

bool is_leaf(const json::value& tree) { return tree.at("type").is_null(); }

bool has_type(const json::value& tree, std::string_view type) {
  return tree.at("type").is_string() && tree.at("type").as_string() == type;
}

const json::array& children(const json::value& tree) { return tree.at("children_spec").as_array(); }

at::Tensor taken(std::span<const at::Tensor>& outputs) {
  if (outputs.empty()) throw std::invalid_argument("there are fewer outputs than results");
  at::Tensor first = outputs.front();
  outputs = outputs.subspan(1);
  return first;
}

c10::IValue built(const json::value& tree, std::span<const at::Tensor>& outputs);

std::vector<c10::IValue> built_children(const json::value& tree, std::span<const at::Tensor>& outputs) {
  std::vector<c10::IValue> values;
  for (const json::value& child : children(tree)) values.push_back(built(child, outputs));
  return values;
}

// The context of a dictionary is its keys, as JSON.
c10::IValue dictionary(const json::value& tree, std::vector<c10::IValue> values) {
  const json::value keys = json::parse(tree.at("context").as_string());
  if (keys.as_array().size() != values.size()) throw std::invalid_argument("a dictionary lacks keys");
  c10::impl::GenericDict made(c10::StringType::get(), c10::AnyType::get());
  for (size_t i = 0; i < values.size(); ++i) {
    made.insert(std::string(keys.at(i).as_string()), std::move(values[i]));
  }
  return made;
}

c10::IValue built(const json::value& tree, std::span<const at::Tensor>& outputs) {
  if (is_leaf(tree)) return taken(outputs);
  std::vector<c10::IValue> values = built_children(tree, outputs);
  if (has_type(tree, "builtins.dict") || has_type(tree, "collections.OrderedDict")) {
    return dictionary(tree, std::move(values));
  }
  if (!has_type(tree, "builtins.list")) return c10::ivalue::Tuple::create(std::move(values));  // named ones too
  c10::impl::GenericList list(c10::AnyType::get());
  for (c10::IValue& value : values) list.push_back(std::move(value));
  return list;
}

// Throws what is wrong with any part of it.
void check(const json::value& tree) {
  if (is_leaf(tree)) return;
  for (const json::value& child : children(tree)) check(child);
}

json::value checked(const std::string& text) {
  try {
    json::value tree = tree_in(text);
    check(tree);
    return tree;
  } catch (const boost::system::system_error& e) {
    throw std::invalid_argument(e.code().message());
  } catch (const std::out_of_range&) {
    throw std::invalid_argument("a part is missing");
  }
}

}  // namespace

CallSpec::CallSpec(const std::string& arguments, const std::string& results)
    : arguments_(checked(arguments)), results_(checked(results)) {}

// A tuple of the arguments by position and those by name.
bool CallSpec::takes_a_tensor() const {
  if (!has_type(arguments_, kTuple) || children(arguments_).size() != 2) return false;
  const json::value& by_position = children(arguments_)[0];
  const json::value& by_name = children(arguments_)[1];
  return !is_leaf(by_position) && children(by_position).size() == 1 && is_leaf(children(by_position)[0]) &&
         !is_leaf(by_name) && children(by_name).empty();
}

bool CallSpec::returns_structures() const { return !is_leaf(results_); }

c10::IValue CallSpec::arranged(const std::vector<at::Tensor>& outputs) const {
  std::span<const at::Tensor> left = outputs;
  c10::IValue value = built(results_, left);
  if (!left.empty()) throw std::invalid_argument("there are more outputs than results");
  return value;
}

}  // namespace smlt::compiled
