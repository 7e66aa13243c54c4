#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>

namespace smlt::script {

struct Lowered {
  int64_t layers = 0;
  int64_t bytes_saved = 0;
};

/// Packs the convolutions of a frozen graph in bfloat16 (script/packed_operators.hpp). Their results stay in bfloat16
/// through operators that choose among or scale them, and become float32 for all others, for inner blocks and for the
/// output. Throws std::runtime_error if an operator changes such a result in place.
Lowered lower_to_bfloat16(torch::jit::Graph& graph);

}  // namespace smlt::script
