#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/output.hpp"
#include "serve/background.hpp"
#include "serve/host.hpp"
#include "serve/hosted_model.hpp"
#include "serve/model_request.hpp"

namespace smlt::serve {

/// A multi-model endpoint (platform 14.11): models that the platform loads and unloads, which share the workers. None
/// of the functions blocks; loading and unloading are answered by a thread in the background. A model has its name from
/// the request that loads it until the one that unloads it is answered, and answers requests only between the two
/// answers.
class ModelTable {
 public:
  /// Models lie below `root`. Throws as Host does. `log` outlives the object.
  ModelTable(std::filesystem::path root, const settings::Endpoint& settings, c10::Device device, Output& log,
             std::function<void(std::exception_ptr)> on_lost_device = {}, NetOf net_of = {});

  /// POST /models: 200, 400 for a bad request and for a model that cannot be loaded, 409 for a name that is taken, 507
  /// beyond the memory for models, 503 if too many wait.
  void load(const http::Request& request, http::Reply reply);

  /// DELETE /models/{name}: 200 when its requests are answered and its memory is returned to the system, or 404.
  void unload(const http::Request& request, http::Reply reply);

  /// GET /models: a page of the models that answer requests, in the order of their names.
  http::Response list(const http::Request& request) const;

  /// GET /models/{name}: 200 or 404.
  http::Response show(const http::Request& request) const;

  /// POST /models/{name}/invoke: as Endpoint::invoke, or 404.
  void invoke(http::Request request, http::Reply reply);

  /// Whether a body whose head this is can be answered in parts. If so, they are for the model that is loaded now: if
  /// it is unloaded, the next part gets 404, whatever is loaded under its name.
  bool takes_parts(http::Request& head) const;

  std::string metrics() const;

 private:
  struct Entry {
    std::string url;
    std::shared_ptr<HostedModel> model;  // null while it is being loaded or unloaded
    int64_t bytes = 0;                   // counted against the memory for models
  };

  bool add(const ModelRequest& request);
  void load_now(const ModelRequest& request, const http::Reply& reply);
  http::Response loaded(const ModelRequest& request);
  void reserve(const std::string& name, int64_t bytes);
  void remove(const std::string& name);
  void unload_now(const std::string& name, std::shared_ptr<HostedModel> model, const http::Reply& reply);
  http::Response unknown(const std::string& name) const;

  const std::filesystem::path root_;
  Output& log_;
  Host host_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  int64_t bytes_ = 0;     // of all entries
  Background loading_;    // these two last, because they use all the others
  Background unloading_;  // last, because it uses all the others
};

}  // namespace smlt::serve
