// The server without a model: what HTTP itself costs. A separate thread answers each request with 10 floats.
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "http/server.hpp"

namespace {

using namespace smlt;

class Worker {
 public:
  void push(http::Reply reply) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(reply));
    ready_.notify_one();
  }

 private:
  void work() {
    while (true) {
      std::deque<http::Reply> batch;
      {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return !waiting_.empty(); });
        batch.swap(waiting_);
      }
      for (http::Reply& reply : batch) reply({200, "application/x-npy", {}, std::string(208, 'x')});
    }
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<http::Reply> waiting_;
  std::jthread thread_{[this] { work(); }};
};

}  // namespace

int main(int argc, char** argv) {
  Output log(2);
  Worker worker;
  std::vector<http::Route> routes = {
      {"/ping", {"GET"}, [](const http::Request&, const http::Reply& reply) { reply({}); }, {}, false},
      {"/invocations", {"POST"}, [&](const http::Request&, http::Reply reply) { worker.push(std::move(reply)); }}};
  http::ServerOptions options;
  options.port = argc > 1 ? std::atoi(argv[1]) : 8080;
  http::Server server(options, std::move(routes), log);
  server.run();
}
