// The one file that sees gloo's headers. The wheel leaves them out, and Debian's are older than the gloo in the
// library: so no object of gloo's may be made or read here, only pointers passed on.
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO
#endif

#include "cluster/gloo.hpp"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

namespace smlt::cluster {

c10::intrusive_ptr<c10d::Backend> make_gloo(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                            const std::string& address) {
  using c10d::ProcessGroupGloo;
  // The other ranks may compute for long before they join in; whether they live is for the watch to say.
  const auto options = ProcessGroupGloo::Options::create(std::chrono::hours(24 * 365));
  options->devices = {ProcessGroupGloo::createDeviceForHostname(address)};
  const auto gloo_store = c10::make_intrusive<c10d::PrefixStore>("gloo", store);
  return c10::make_intrusive<ProcessGroupGloo>(gloo_store, rank, size, options);
}

}  // namespace smlt::cluster
