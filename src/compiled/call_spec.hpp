#pragma once

#include <ATen/core/ivalue.h>

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace smlt::compiled {

/// How a compiled network is called and what it returns: torch.export's own trees of arguments and results, as JSON.
class CallSpec {
 public:
  /// Throws std::invalid_argument if either is not such a tree.
  CallSpec(const std::string& arguments, const std::string& results);

  /// Whether forward takes one tensor, by position.
  bool takes_a_tensor() const;

  /// Whether it returns anything but one tensor.
  bool returns_structures() const;

  /// The tensors that a call returned, arranged as forward of the original network returned them: tuples, lists and
  /// dictionaries with keys of text. Throws std::invalid_argument if they do not fit.
  c10::IValue arranged(const std::vector<at::Tensor>& outputs) const;

 private:
  boost::json::value arguments_, results_;
};

}  // namespace smlt::compiled
