#include "http/outbox.hpp"

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "http/connection.hpp"
#include "http/problem.hpp"

namespace smlt::http {

void Outbox::push(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return;
  waiting_.push_back(std::move(answer));
  if (posted_) return;
  boost::asio::post(*context_, [this] { deliver(); });
  posted_ = true;  // if memory ran out, the next one tries again
}

void Outbox::close() {
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
  waiting_.clear();
}

void Outbox::deliver() {
  std::vector<Answer> answers;
  {
    const std::lock_guard lock(mutex_);
    answers.swap(waiting_);
    posted_ = false;
  }
  std::exception_ptr failure;
  for (Answer& answer : answers) {
    const auto connection = answer.connection.lock();
    if (!connection) continue;
    try {
      connection->answer(answer.number, std::move(answer.response));
    } catch (...) {  // the others get theirs first
      failure = std::current_exception();
      connection->close();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

Ticket::Ticket(std::shared_ptr<Outbox> outbox, std::weak_ptr<Connection> connection, uint64_t number, Charge charge)
    : outbox_(std::move(outbox)), connection_(std::move(connection)), number_(number), charge_(std::move(charge)) {}

Ticket::~Ticket() {
  if (answered_) return;
  try {
    answer(problem(500, "internal_error", "The request was dropped without an answer, a bug in this program."));
  } catch (const std::exception&) {  // memory ran out: the time limit answers
  }
}

void Ticket::answer(Response response) {
  if (answered_.exchange(true)) return;
  outbox_->push({connection_, number_, std::move(response)});
}

}  // namespace smlt::http
