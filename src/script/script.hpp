// Room script: TorchScript. No other room names LibTorch's JIT, so that it can go when TorchScript does.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "network/network.hpp"
#include "tensor/net.hpp"

namespace smlt::script {

/// The content of a model.pt: TorchScript of a network, its module tree under the same names and `forward` traced in
/// eval mode. `example` is an input of the network; any other batch size works too. The network's mode is restored.
std::string exported(tensor::Net& net, const at::Tensor& example);

/// Loads TorchScript in eval mode onto the device. Throws std::runtime_error with LibTorch's reason if the file is not
/// TorchScript, UserError if it has no method forward, std::bad_alloc.
std::unique_ptr<network::Network> load(const std::filesystem::path& file, c10::Device device);

/// For the calling thread: scripts run unchanged. The profiling executor would take the first calls of every shape to
/// specialise the graph, and gains nothing on frozen ones.
void run_unchanged();

}  // namespace smlt::script
