#include "cluster/group.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/direct_sum.hpp"
#include "cluster/gloo.hpp"
#include "cluster/nccl.hpp"
#include "cluster/shared_sum.hpp"
#include "cluster/watch.hpp"

namespace smlt::cluster {
namespace {

using BackendPtr = c10::intrusive_ptr<c10d::Backend>;
using WorkPtr = c10::intrusive_ptr<c10d::Work>;

// Tags are used again after so many operations: more than can be under way between two ranks, whose messages arrive in
// order.
constexpr uint64_t kTags = 1 << 10;

void check_summable(const at::Tensor& tensor) {
  const at::ScalarType type = tensor.scalar_type();
  const bool known = type == at::kFloat || type == at::kDouble || type == at::kLong;
  if (known && tensor.is_contiguous()) return;
  throw AlgorithmError("Expected a contiguous tensor of float, double or int64 to sum over the ranks, found {}{}.",
                       tensor.is_contiguous() ? "" : "a strided one of ", c10::toString(type));
}

at::Tensor bytes_of(const at::Tensor& tensor) { return tensor.detach().contiguous().reshape({-1}).view(at::kByte); }

at::Tensor joined_bytes(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> parts;
  for (const at::Tensor& tensor : tensors) parts.push_back(bytes_of(tensor));
  return at::cat(parts);
}

void split_bytes(const at::Tensor& bytes, const std::vector<at::Tensor>& tensors) {
  int64_t start = 0;
  for (const at::Tensor& tensor : tensors) {
    const auto size = static_cast<int64_t>(tensor.nbytes());
    // The copy puts an element at a multiple of its size, as view() demands.
    const at::Tensor part = bytes.narrow(0, start, size).clone().view(tensor.scalar_type());
    tensor.detach().copy_(part.view(tensor.sizes()));
    start += size;
  }
}

void wait_for_listeners(Watch& watch, const JoinOptions& options, Output& log, const std::stop_token& stop) {
  try {
    watch.wait_for_all(options.patience, log, stop);
  } catch (const Error&) {
    // Those that have come can still be told.
  }
}

}  // namespace

struct Group::Impl {
  Place place;
  c10::intrusive_ptr<c10d::Store> store;
  std::unique_ptr<Watch> watch;
  BackendPtr cpu;
  BackendPtr gpu;                     // null without one
  std::unique_ptr<SharedSum> shared;  // between processes of one host, if they can share memory
  uint64_t started = 0;
  bool has_ended = false;  // in good order or not
  bool has_left = false;   // in good order

  Impl(const Place& its_place, const JoinOptions& options, Output& log, const std::stop_token& stop);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void connect(const JoinOptions& options, const std::string& address);
  const BackendPtr& backend_of(const at::Tensor& tensor) const { return tensor.is_cuda() ? gpu : cpu; }

  Pending start(const std::function<WorkPtr()>& operation);
  void run(const std::function<WorkPtr()>& operation) { start(operation).wait(); }
  at::Tensor exchange(const at::Tensor& rows);
  void wait_for(const WorkPtr& work, uint64_t number);
  [[noreturn]] void explain(const std::string& text);
};

Group::Impl::Impl(const Place& its_place, const JoinOptions& options, Output& log, const std::stop_token& stop)
    : place(its_place) {
  const Addresses addresses = find_addresses(place, options.patience, stop);
  store = open_store(place, addresses.master, place.rank == 0, options.patience, stop);
  const auto its_own = open_store(place, addresses.master, /*serve=*/false, options.patience, stop);
  watch = std::make_unique<Watch>(its_own, place, addresses.own, options.watch, options.on_failure);
  try {
    watch->wait_for_all(options.patience, log, stop);
    connect(options, addresses.own);
  } catch (const Error& e) {
    watch->fail({e.what(), e.exit_code()}, /*named=*/true);
    throw;
  }
  log.line("Rank {} of {}: {} at {}, rank 0 at {} port {}.", place.rank, place.size, place.name(), addresses.own,
           addresses.master, place.port);
}

// While this rank waits for the others' connections, it is in its first operation as far as the watch is concerned.
void Group::Impl::connect(const JoinOptions& options, const std::string& address) {
  watch->wait_begins(++started);
  try {
    cpu = make_gloo(store, place.rank, place.size, address);
    if (place.is_one_host()) shared = SharedSum::open(store, place.rank, place.size);
    if (options.device.is_cuda()) gpu = make_nccl(store, place.rank, place.size, options.device);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    explain(e.what());
  }
  watch->wait_ends();
}

// After a failure, the libraries' own threads may wait for ever: they are left behind, for the process ends.
Group::Impl::~Impl() {
  if (!has_ended)
    watch->fail({"ended without giving a reason; look into its log.", static_cast<int>(Fault::kPlatform)}, true);
  watch.reset();
  if (has_left) return;
  cpu.release();
  gpu.release();
}

Pending Group::Impl::start(const std::function<WorkPtr()>& operation) {
  const uint64_t number = ++started;
  try {
    watch->wait_begins(number);  // NCCL connects in its first operation
    const WorkPtr work = operation();
    watch->wait_ends();
    return Pending([this, number, work] { wait_for(work, number); });
  } catch (const std::exception& e) {
    explain(e.what());
  }
}

at::Tensor Group::Impl::exchange(const at::Tensor& rows) {
  const at::Tensor sent = rows.contiguous(), received = at::empty_like(sent);
  const uint64_t number = ++started;
  std::vector<WorkPtr> works;
  try {
    works = start_exchange(*cpu, place.rank, sent, received, static_cast<int>(number % kTags));
  } catch (const std::exception& e) {
    explain(e.what());
  }
  for (const WorkPtr& work : works) wait_for(work, number);
  return received;
}

void Group::Impl::wait_for(const WorkPtr& work, uint64_t number) {
  watch->wait_begins(number);
  try {
    work->wait();
  } catch (const std::exception& e) {
    explain(e.what());
  }
  watch->wait_ends();
}

void Group::Impl::explain(const std::string& text) {
  const Ending ending = watch->explain(text);
  has_ended = true;
  throw Error(static_cast<Fault>(ending.code), ending.sentence);
}

Group::Group(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Group::Group(Group&&) noexcept = default;
Group& Group::operator=(Group&&) noexcept = default;
Group::~Group() = default;

Group Group::alone() { return Group(nullptr); }

Group Group::join(const Place& place, const JoinOptions& options, Output& log, const std::stop_token& stop) {
  return place.size == 1 ? alone() : Group(std::make_unique<Impl>(place, options, log, stop));
}

void report_failure(const Place& place, const JoinOptions& options, const Ending& ending, Output& log,
                    const std::stop_token& stop) {
  try {
    const Addresses addresses = find_addresses(place, options.patience, stop);
    const auto served = open_store(place, addresses.master, place.rank == 0, options.patience, stop);
    const auto own = open_store(place, addresses.master, /*serve=*/false, options.patience, stop);
    Watch watch(own, place, addresses.own, options.watch, options.on_failure);
    if (place.rank == 0) wait_for_listeners(watch, options, log, stop);
    watch.fail(ending, /*named=*/true);
  } catch (const std::exception&) {
    // Then the others miss this rank, and say so.
  }
}

int Group::rank() const { return impl_ ? impl_->place.rank : 0; }
int Group::size() const { return impl_ ? impl_->place.size : 1; }

std::string Group::name(int rank) const { return impl_ ? impl_->place.names[static_cast<size_t>(rank)] : "this host"; }

void Group::sum(const at::Tensor& tensor) { start_sum(tensor).wait(); }

Pending Group::start_sum(const at::Tensor& tensor) {
  check_summable(tensor);
  if (!impl_) return {};
  if (impl_->shared && tensor.is_cpu()) {
    impl_->watch->wait_begins(++impl_->started);
    impl_->shared->sum(tensor);
    impl_->watch->wait_ends();
    return {};
  }
  if (tensor.is_cpu() && tensor.nbytes() <= kLargestDirectSum) {
    sum_directly(tensor, size(), [this](const at::Tensor& rows) { return impl_->exchange(rows); });
    return {};
  }
  return impl_->start([&] {
    std::vector<at::Tensor> one = {tensor.detach()};
    return impl_->backend_of(tensor)->allreduce(one);
  });
}

bool Group::sums_in_background() const { return impl_ && (impl_->gpu || !impl_->shared); }

void Group::broadcast(const std::vector<at::Tensor>& tensors) {
  if (!impl_ || tensors.empty()) return;
  std::vector<at::Tensor> bytes = {joined_bytes(tensors)};
  impl_->run([&] { return impl_->backend_of(bytes[0])->broadcast(bytes); });
  if (!leads()) split_bytes(bytes[0], tensors);
}

std::vector<std::string> Group::gather(const std::string& text) {
  if (!impl_) return {text};
  at::Tensor sizes = at::zeros({size()}, at::kLong);
  sizes[rank()] = static_cast<int64_t>(text.size());
  sum(sizes);
  const auto longest = std::max<int64_t>(sizes.max().item<int64_t>(), 1);
  at::Tensor own = at::zeros({longest}, at::kByte), all = at::empty({size() * longest}, at::kByte);
  std::copy(text.begin(), text.end(), own.data_ptr<uint8_t>());
  impl_->run([&] { return impl_->cpu->_allgather_base(all, own); });
  std::vector<std::string> texts;
  for (int64_t i = 0; i < size(); ++i) {
    const uint8_t* const start = all.data_ptr<uint8_t>() + i * longest;
    texts.emplace_back(start, start + sizes[i].item<int64_t>());
  }
  return texts;
}

void Group::barrier() {
  if (impl_) impl_->run([&] { return impl_->cpu->barrier(); });
}

Ending Group::fail(const Ending& ending) {
  if (!impl_ || impl_->has_ended) return ending;
  impl_->has_ended = true;
  return impl_->watch->fail(ending, /*named=*/true);
}

void Group::leave() {
  if (!impl_ || impl_->has_ended) return;
  impl_->watch->leave();
  impl_->has_ended = impl_->has_left = true;
}

}  // namespace smlt::cluster
