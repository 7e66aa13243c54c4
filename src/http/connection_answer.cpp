// Answering: from responses to bytes, and the ends of a connection. Receiving is connection.cpp, answering in parts
// connection_stream.cpp.
#include <fmt/format.h>

#include <boost/asio/buffer.hpp>

#include "base/text.hpp"
#include "http/connection.hpp"
#include "http/problem.hpp"

namespace smlt::http {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::seconds kStillComes{1};   // a request that received bytes this recently is waited for
constexpr std::chrono::seconds kLingerPause{2};  // within which a client that was told to go must send something
constexpr size_t kLargestIdleBuffer = 16 << 10;

Response too_slow() { return problem(408, "request_timeout", "The request came too slowly; send it in one go."); }

Response no_answer(std::chrono::milliseconds limit) {
  return problem(504, "prediction_timeout",
                 fmt::format("No answer within {:g} s; SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS raises the limit.",
                             std::chrono::duration<double>(limit).count()));
}

}  // namespace

void Connection::answer(uint64_t number, Response response) {
  if (phase_ == Phase::kStreaming) {
    stream_->answers.put(number, std::move(response));
    stream();
    return process();
  }
  if (phase_ != Phase::kWaiting || number != number_) return;
  respond(std::move(response));
  process();
}

// The rest of the request is no longer read, so the connection ends with it.
void Connection::refuse(Response response) {
  exchange_.framing.close = true;
  respond(std::move(response));
}

void Connection::respond(Response response) {
  if (shared_.draining) exchange_.framing.close = true;
  record(response);
  write_head(response, exchange_.framing, shared_.date.now(), shared_.head);
  if (exchange_.method == "HEAD") response.body.clear();
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(shared_.head), asio::buffer(response.body)};
  boost::system::error_code error;
  written_ = socket_.write_some(parts, error);
  if (error && error != asio::error::would_block) return close();
  if (written_ == shared_.head.size() + response.body.size()) return finish_response();
  enter(Phase::kWriting, Clock::now() + shared_.limits.receive);
  head_ = shared_.head;
  body_ = std::move(response.body);
  write_rest();
}

void Connection::record(const Response& response) {
  const bool known = exchange_.route < shared_.routes.size();
  Metrics::Path& path = shared_.metrics.paths[exchange_.route];
  const Clock::duration duration = exchange_.head_seen ? Clock::now() - exchange_.began : Clock::duration{};
  ++path.statuses[response.status];
  path.durations.add(duration);
  const bool wanted =
      shared_.logs_all || response.status >= 400 || !response.remark.empty() || !exchange_.inference_id.empty();
  if (!wanted || (known && !shared_.routes[exchange_.route].logged)) return;
  std::string line = fmt::format("{} {} {} {:.2f} ms", exchange_.method.empty() ? "-" : exchange_.method, path.name,
                                 response.status, std::chrono::duration<double, std::milli>(duration).count());
  if (!exchange_.inference_id.empty()) line += " inference-id=" + in_quotes(exchange_.inference_id);
  if (response.status >= 400) line += " " + response.body.substr(0, 512);
  if (!response.remark.empty()) line += " " + response.remark;
  shared_.log.line(printable(line));
}

void Connection::write_rest() {
  const size_t of_head = std::min(written_, head_.size());
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(head_) + of_head,
                                                   asio::buffer(body_) + (written_ - of_head)};
  socket_.async_write_some(parts, [self = shared_from_this()](const boost::system::error_code& error, size_t bytes) {
    if (self->phase_ == Phase::kClosed) return;
    if (error) return self->close();
    self->written_ += bytes;
    // Each step makes room for the next: a client that reads slowly but steadily is served to the end.
    const auto allowed = std::chrono::milliseconds(1000 * bytes / self->shared_.limits.slowest);
    self->deadline_ = std::max(self->deadline_, Clock::now()) + allowed;
    if (self->written_ < self->head_.size() + self->body_.size()) return self->write_rest();
    self->finish_response();
    self->process();
  });
}

void Connection::finish_response() {
  const bool closes = exchange_.framing.close;
  head_.clear();
  std::string().swap(body_);
  reader_.reset();
  stream_.reset();
  exchange_ = {};
  if (closes) return linger();
  received_ = Clock::now();
  enter(Phase::kIdle, received_ + shared_.limits.idle);
  if (buffer_.size() == 0 && buffer_.capacity() > kLargestIdleBuffer) buffer_.shrink_to_fit();
  shared_.connections.splice(shared_.connections.end(), shared_.connections, place_);
}

// Closing while bytes are unread would reset the connection, and the client might never see the response: so it is told
// that this was the last one, and anything it still sends is discarded until it hangs up.
void Connection::linger() {
  boost::system::error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  if (error) return close();
  buffer_.clear();
  const Clock::time_point now = Clock::now();
  last_call_ = now + shared_.limits.linger;
  enter(Phase::kLingering, std::min(now + kLingerPause, last_call_));
  read();
}

void Connection::discard() {
  deadline_ = std::min(Clock::now() + kLingerPause, last_call_);
  boost::system::error_code nothing_there;
  static_cast<void>(socket_.read_some(asio::buffer(shared_.scratch), nothing_there));
  read();
}

std::chrono::milliseconds Connection::answer_limit() const {
  return shared_.routes[exchange_.route].answer.value_or(shared_.limits.answer);
}

void Connection::check_deadline(Clock::time_point now) {
  if (phase_ == Phase::kStreaming) return check_stream(now);
  if (now < deadline_) return;
  switch (phase_) {
    case Phase::kReceiving:
      return refuse(too_slow());
    case Phase::kWaiting:
      respond(no_answer(answer_limit()));
      return process();
    default:
      return close();
  }
}

bool Connection::owes_nothing() const {
  const bool in_head = phase_ == Phase::kReceiving && reader_->state() == RequestReader::State::kHead;
  const bool is_idle_stream = phase_ == Phase::kStreaming && stream_->answers.expected() == 0 && !stream_->is_writing &&
                              stream_->unsent.empty();
  return in_head || is_idle_stream || phase_ == Phase::kIdle || phase_ == Phase::kLingering;
}

bool Connection::is_busy(Clock::time_point now) const {
  const bool comes = phase_ == Phase::kReceiving || phase_ == Phase::kStreaming;
  const bool still_comes = comes && now - received_ < kStillComes;
  const bool owes_parts = phase_ == Phase::kStreaming && (stream_->answers.expected() > 0 || stream_->is_writing);
  return still_comes || owes_parts || phase_ == Phase::kWaiting || phase_ == Phase::kWriting;
}

// The only place that counts: a request may end with its answer, with a failed write of it, or with its connection.
void Connection::enter(Phase phase, Clock::time_point deadline) {
  const auto is_in_flight = [](Phase any) { return any == Phase::kWaiting || any == Phase::kStreaming; };
  if (is_in_flight(phase_)) --shared_.metrics.requests_in_flight;
  if (is_in_flight(phase)) ++shared_.metrics.requests_in_flight;
  phase_ = phase;
  deadline_ = deadline;
}

void Connection::close() {
  if (phase_ == Phase::kClosed) return;
  enter(Phase::kClosed, Clock::time_point::max());
  boost::system::error_code ignored;
  socket_.close(ignored);
  shared_.connections.erase(place_);  // the last reference may be the caller's
}

}  // namespace smlt::http
