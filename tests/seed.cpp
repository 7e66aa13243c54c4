// In C++ LibTorch's generator starts from the system's randomness. A test that fails is to fail again.
#include <torch/torch.h>

namespace {

[[maybe_unused]] const bool is_seeded = (torch::manual_seed(1), true);

}  // namespace
