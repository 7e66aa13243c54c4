#pragma once

#include <functional>
#include <memory>

#include "artifact/manifest.hpp"
#include "network/network.hpp"
#include "serve/model_file.hpp"
#include "tensor/net.hpp"

namespace smlt::serve {

/// Makes the network that model.json describes, with the weights of the given file. Throws UserError if the model is
/// not registered or the weights do not fit.
using NetOf = std::function<std::shared_ptr<tensor::Net>(const artifact::Manifest&, const std::filesystem::path&)>;

/// How a model is loaded.
struct LoadOptions {
  c10::Device device = c10::kCPU;
  bool bfloat16 = false;  // whether layers that gain from it compute in bfloat16
  bool compiled = true;   // whether compiled packages, which are native code, may run
  int workers = 1;        // that call the network at the same time
  int64_t rows = 32;      // most that are to go through it together
  NetOf net_of = {};      // for native models; without it they are refused
};

/// Loads the network in eval mode onto the device. `manifest` may be null. Throws UserError for what cannot be served,
/// and recognises weights written by torch.save and programs of torch.export; PlatformError, std::bad_alloc.
std::unique_ptr<network::Network> load_network(const ModelFile& file, const artifact::Manifest* manifest,
                                               const LoadOptions& options);

}  // namespace smlt::serve
