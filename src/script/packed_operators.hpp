// The operators of this program in TorchScript for convolutions in bfloat16.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <optional>

#include "tensor/packed_convolution.hpp"

namespace smlt::script {

/// The packed form of a convolution in two dimensions whose weights are constants; nothing for any other.
std::optional<tensor::PackedConvolution> packed_in_bfloat16(const torch::jit::Node* convolution);

/// Inserts nodes before the graph's insertion point and returns their outputs.
torch::jit::Value* insert_packed(torch::jit::Graph& graph, const tensor::PackedConvolution& convolution,
                                 torch::jit::Value* input);
torch::jit::Value* insert_to_bfloat16(torch::jit::Graph& graph, torch::jit::Value* value);
torch::jit::Value* insert_to_float(torch::jit::Graph& graph, torch::jit::Value* value);

/// Makes each packed convolution, the addition after it and the ReLU after that one operator.
void join_activations(torch::jit::Graph& graph);

}  // namespace smlt::script
