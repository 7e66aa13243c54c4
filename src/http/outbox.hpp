#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "http/budget.hpp"
#include "http/message.hpp"

namespace smlt::http {

class Connection;

/// Answers on their way from any thread to the input/output thread, which is woken once for all waiting answers.
class Outbox {
 public:
  struct Answer {
    std::weak_ptr<Connection> connection;
    uint64_t number;  // of the request on its connection
    Response response;
  };

  explicit Outbox(boost::asio::io_context& context) : context_(&context) {}

  void push(Answer answer);
  void close();  // from now on answers are dropped: the server is gone

 private:
  void deliver();

  std::mutex mutex_;
  boost::asio::io_context* context_;
  std::vector<Answer> waiting_;
  bool posted_ = false;
};

/// The return path for one request: its first answer counts, and dropping it without one counts as an answer too.
class Ticket {
 public:
  Ticket(std::shared_ptr<Outbox> outbox, std::weak_ptr<Connection> connection, uint64_t number, Charge charge);
  ~Ticket();
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  void answer(Response response);

 private:
  std::shared_ptr<Outbox> outbox_;
  std::weak_ptr<Connection> connection_;
  uint64_t number_;
  Charge charge_;  // of the body, which lives until then
  std::atomic<bool> answered_{false};
};

}  // namespace smlt::http
