#include "cluster/nccl.hpp"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>

#include "device/device.hpp"

namespace smlt::cluster {

c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                            c10::Device device) {
  const auto nccl_store = c10::make_intrusive<c10d::PrefixStore>("nccl", store);
  return device::cuda_part().make_nccl(nccl_store, rank, size, device);
}

}  // namespace smlt::cluster
