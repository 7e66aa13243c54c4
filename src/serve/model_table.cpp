#include "serve/model_table.hpp"

#include <malloc.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "http/problem.hpp"
#include "http/prometheus.hpp"
#include "http/target.hpp"
#include "serve/refusal.hpp"
#include "serve/worker_thread.hpp"
#include "tensor/failure.hpp"

namespace smlt::serve {
namespace {

constexpr int kLoaders = 2;  // one large model must not hold up the others
constexpr size_t kMostWaiting = 1000;
constexpr size_t kPage = 100;  // models

// What a network takes beside its weights: its graph and its code in LibTorch's forms.
constexpr int64_t kGraphBytes = int64_t{512} << 10;

// A fast form may keep weights in another order beside the plain ones.
int64_t memory_of(int64_t weights, bool has_fast_form) { return (has_fast_form ? 2 : 1) * weights + kGraphBytes; }

http::Response described(const std::string& name, const std::string& url) {
  return {200, kJson, {}, compact(boost::json::object{{"modelName", name}, {"modelUrl", url}})};
}

http::Response name_taken(const std::string& name) {
  return http::problem(409, "already_loaded",
                       fmt::format("Expected the name of a model that is not loaded, found {}; unload that one first.",
                                   in_quotes(name, 200)));
}

http::Response no_memory(std::string_view sentence) { return http::problem(507, "out_of_memory", sentence); }

}  // namespace

ModelTable::ModelTable(std::filesystem::path root, const settings::Endpoint& settings, c10::Device device, Output& log,
                       std::function<void(std::exception_ptr)> on_lost_device, NetOf net_of)
    : root_(std::move(root)),
      log_(log),
      host_(settings, device, std::move(on_lost_device), std::move(net_of)),
      loading_(kLoaders, kMostWaiting),
      unloading_(1, std::numeric_limits<size_t>::max()) {
  log_.line("Many models: they are loaded from below {} and may take {} MB together; {} of one thread each.",
            in_quotes(root_.native(), 200), settings.models_memory >> 20, counted(settings.workers, "worker"));
}

void ModelTable::load(const http::Request& request, http::Reply reply) {
  // Links may lead to a slow file system, so even the request is read in the background.
  const auto task = [this, body = request.body, reply] {
    try {
      const ModelRequest wanted = read_model_request(body, root_);
      if (!add(wanted)) return reply(name_taken(wanted.name));
      load_now(wanted, reply);
    } catch (...) {
      reply(failed(std::current_exception(), host_.settings()));
    }
  };
  if (!loading_.post(task))
    reply(http::try_again_later("too_many_loads", "Too many models wait to be loaded; try again."));
}

// Takes the name. False if it is taken.
bool ModelTable::add(const ModelRequest& request) {
  const std::scoped_lock lock(mutex_);
  return entries_.try_emplace(request.name, Entry{request.url, nullptr, 0}).second;
}

void ModelTable::load_now(const ModelRequest& request, const http::Reply& reply) {
  http::Response response;
  try {
    response = loaded(request);
  } catch (const std::exception& e) {
    response = tensor::is_out_of_memory(e) ? no_memory("Out of memory while the model was loaded; unload others first.")
                                           : failed(std::current_exception(), host_.settings());
  }
  if (response.status != 200) {
    ::malloc_trim(0);
    remove(request.name);
  }
  reply(std::move(response));
}

http::Response ModelTable::loaded(const ModelRequest& request) {
  become_worker();
  const int64_t file = largest_file(request.directory);
  reserve(request.name, memory_of(file, is_file(request.directory / "model.json")));
  const auto start = std::chrono::steady_clock::now();
  const auto model = std::make_shared<HostedModel>(request.directory, host_, [](const std::string&) {});
  // A script may have weights that are no parameters, so the file counts even if it is larger.
  reserve(request.name, memory_of(std::max(model->weight_bytes(), file), model->has_fast_form()));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const std::scoped_lock lock(mutex_);
  entries_.at(request.name).model = model;
  log_.line("Loaded {} in {:.2f} s; models take {} MB.{}{}", in_quotes(request.name, 80), seconds.count(), bytes_ >> 20,
            model->precision().empty() ? "" : " ", model->precision());
  return described(request.name, request.url);
}

// Counts so many bytes for the model. Throws Refusal (507) if there is no room for them.
void ModelTable::reserve(const std::string& name, int64_t bytes) {
  const std::scoped_lock lock(mutex_);
  int64_t& own = entries_.at(name).bytes;
  const int64_t limit = host_.settings().models_memory;
  if (bytes_ - own + bytes > limit) {
    throw Refusal(507, "out_of_memory",
                  "Expected room for a model of {} MB, found {} of {} MB taken by {} others; unload some, or raise "
                  "--models-memory-mb.",
                  (bytes >> 20) + 1, (bytes_ - own) >> 20, limit >> 20, entries_.size() - 1);
  }
  bytes_ += bytes - own;
  own = bytes;
}

void ModelTable::remove(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  const auto entry = entries_.find(name);
  bytes_ -= entry->second.bytes;
  entries_.erase(entry);
}

void ModelTable::unload(const http::Request& request, http::Reply reply) {
  const auto last = std::make_shared<std::shared_ptr<HostedModel>>();  // the only reference, until it is unloaded
  {
    const std::scoped_lock lock(mutex_);
    const auto entry = entries_.find(request.segment);
    if (entry != entries_.end()) *last = std::move(entry->second.model);  // from now on it gets no requests
  }
  if (*last == nullptr) return reply(unknown(request.segment));
  host_.when_done(**last, [this, name = request.segment, last, reply] {
    unloading_.post([this, name, last, reply] { unload_now(name, std::move(*last), reply); });
  });
}

void ModelTable::unload_now(const std::string& name, std::shared_ptr<HostedModel> model, const http::Reply& reply) {
  model.reset();
  ::malloc_trim(0);
  remove(name);
  reply({200, "", {}, ""});
}

http::Response ModelTable::list(const http::Request& request) const {
  const std::optional<std::string> from = http::query_value(request.query, "next_page_token");
  boost::json::array models;
  boost::json::object page;
  const std::scoped_lock lock(mutex_);
  for (auto entry = entries_.lower_bound(from.value_or("")); entry != entries_.end(); ++entry) {
    if (entry->second.model == nullptr) continue;
    if (models.size() == kPage) {
      page["nextPageToken"] = entry->first;
      break;
    }
    models.push_back({{"modelName", entry->first}, {"modelUrl", entry->second.url}});
  }
  page["models"] = std::move(models);
  return {200, kJson, {}, compact(page)};
}

http::Response ModelTable::show(const http::Request& request) const {
  const std::scoped_lock lock(mutex_);
  const auto entry = entries_.find(request.segment);
  if (entry == entries_.end() || entry->second.model == nullptr) return unknown(request.segment);
  return described(request.segment, entry->second.url);
}

void ModelTable::invoke(http::Request request, http::Reply reply) {
  const std::scoped_lock lock(mutex_);  // an unloading model must get no request
  const auto entry = entries_.find(request.segment);
  if (entry == entries_.end() || entry->second.model == nullptr) return reply(unknown(request.segment));
  if (request.first_line > 0 && request.chosen.lock() != entry->second.model) return reply(unknown(request.segment));
  host_.invoke(entry->second.model, std::move(request), std::move(reply));
}

bool ModelTable::takes_parts(http::Request& head) const {
  const std::scoped_lock lock(mutex_);
  const auto entry = entries_.find(head.segment);
  if (entry == entries_.end() || entry->second.model == nullptr) return false;
  head.chosen = entry->second.model;
  return entry->second.model->takes_parts(head);
}

http::Response ModelTable::unknown(const std::string& name) const {
  return http::problem(404, "model_not_found",
                       fmt::format("Expected the name of a model that is loaded, found {}; load it with POST /models.",
                                   in_quotes(name, 200)));
}

std::string ModelTable::metrics() const {
  int64_t weights = 0, bytes = 0, models = 0;
  double difference = 0;
  {
    const std::scoped_lock lock(mutex_);
    bytes = bytes_;
    for (const auto& [name, entry] : entries_) {
      if (entry.model == nullptr) continue;
      ++models;
      weights += entry.model->weight_bytes();
      difference = std::max(difference, entry.model->precision_difference());
    }
  }
  return host_.metrics(weights, difference) +
         http::metric("smlt_models_loaded", "gauge", "Models that answer requests.", std::to_string(models)) +
         http::metric("smlt_models_bytes", "gauge", "Memory counted for models.", std::to_string(bytes)) +
         http::metric("smlt_models_limit_bytes", "gauge", "Memory that models may take.",
                      std::to_string(host_.settings().models_memory));
}

}  // namespace smlt::serve
