// Answering a body of lines in parts while it arrives: what arrives is cut into parts, a few of them wait for their
// answers at once, and the answers leave in order as chunks. Memory stays bounded, whatever the length of the body.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <iterator>
#include <utility>

#include "http/connection.hpp"
#include "http/problem.hpp"

namespace smlt::http {
namespace asio = boost::asio;
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";

Response no_room() {
  return try_again_later("overloaded",
                         "The requests that are being answered, and answers that their clients do not take, fill the "
                         "memory set aside for them; try again.");
}

Response no_answer_to_part(std::chrono::milliseconds limit) {
  return problem(504, "prediction_timeout",
                 fmt::format("No answer to a part of the body within {:g} s; SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS "
                             "raises the limit.",
                             std::chrono::duration<double>(limit).count()));
}

Response nothing_came() {
  return problem(408, "request_timeout", "Expected the rest of the body, found that nothing more came.");
}

}  // namespace

bool Connection::is_answered_in_parts() {
  if (exchange_.refusal || reader_->body_remaining()) return false;
  const Route& route = shared_.routes[exchange_.route];
  return route.takes_parts && route.takes_parts(reader_->request());
}

void Connection::begin_stream() {
  stream_.emplace(shared_.budget);
  reader_->cut_lines();
  enter(Phase::kStreaming, Clock::time_point::max());
}

// Moves on whatever can move.
void Connection::stream() {
  if (reader_->state() == RequestReader::State::kFailed) return fail_stream(reader_->failure());
  hand_over_parts();
  while (phase_ == Phase::kStreaming) {
    auto response = stream_->answers.take();
    if (!response) break;
    send_part(std::move(*response));
    if (phase_ == Phase::kStreaming) hand_over_parts();
  }
  if (phase_ != Phase::kStreaming) return;
  const bool is_complete = reader_->state() == RequestReader::State::kDone && stream_->answers.expected() == 0;
  if (is_complete && !stream_->has_begun) {  // there were no lines
    stream_.reset();
    return hand_over();
  }
  if (is_complete && !std::exchange(stream_->is_complete, true)) stream_->unsent += kLastChunk;
  write_stream();
}

// A small part is worth its own way only if none is under way: then its client may be waiting for the answer.
void Connection::hand_over_parts() {
  while (stream_->answers.expected() < shared_.limits.open_parts) {
    auto part = reader_->take_lines(stream_->answers.expected() == 0 ? 1 : shared_.limits.part);
    if (!part) return;
    Charge charge(shared_.budget);
    if (!charge.add(part->text.size())) return fail_stream(no_room());
    Request request = reader_->request();
    request.first_line = part->first_line;
    request.body = std::move(part->text);
    stream_->has_parts = true;
    stream_->answers.expect(number_ + 1, Clock::now());
    call_handler(std::move(request), std::move(charge));
  }
}

void Connection::send_part(Response response) {
  if (response.status != 200) return fail_stream(std::move(response));
  Stream& stream = *stream_;
  if (stream.remark.empty()) stream.remark = std::move(response.remark);
  if (!std::exchange(stream.has_begun, true)) {
    exchange_.framing.chunked = true;
    if (shared_.draining) exchange_.framing.close = true;
    write_head(response, exchange_.framing, shared_.date.now(), shared_.head);
    stream.unsent += shared_.head;
  }
  if (response.body.empty()) return;  // an empty chunk would be the last
  if (std::exchange(stream.has_body, true)) response.body.insert(0, response.separator);
  fmt::format_to(std::back_inserter(stream.unsent), "{:x}\r\n{}\r\n", response.body.size(), response.body);
  const size_t held = stream.unsent.capacity() + stream.sending.capacity();
  const size_t charged = std::exchange(stream.charged, std::max(stream.charged, held));
  if (!stream.charge.add(stream.charged - charged)) fail_stream(no_room());
}

// Beyond a limit of what is unsent nothing more is read, unless the client seems to take nothing before it has sent
// everything.
bool Connection::takes_more() const {
  if (reader_->state() == RequestReader::State::kDone) return false;
  if (stream_->answers.expected() >= shared_.limits.open_parts) return false;
  const bool has_room = stream_->unsent.size() + stream_->sending.size() <= shared_.limits.max_unsent;
  return has_room || Clock::now() - stream_->last_write > shared_.limits.deaf;
}

void Connection::write_stream() {
  Stream& stream = *stream_;
  if (stream.is_writing || stream.unsent.empty()) return;
  stream.sending.clear();
  std::swap(stream.sending, stream.unsent);
  stream.sent = 0;
  stream.last_write = Clock::now();
  deadline_ = stream.last_write + shared_.limits.receive;
  write_more();
}

void Connection::write_more() {
  stream_->is_writing = stream_->has_written = true;
  const auto rest = asio::buffer(stream_->sending) + stream_->sent;
  socket_.async_write_some(rest, [self = shared_from_this()](const boost::system::error_code& error, size_t bytes) {
    if (self->phase_ == Phase::kClosed) return;
    error ? self->close() : self->on_stream_written(bytes);
  });
}

void Connection::on_stream_written(size_t bytes) {
  Stream& stream = *stream_;
  stream.is_writing = false;
  stream.sent += bytes;
  stream.last_write = Clock::now();
  // As for a whole response.
  const auto allowed = std::chrono::milliseconds(1000 * bytes / shared_.limits.slowest);
  deadline_ = std::max(deadline_, stream.last_write) + allowed;
  if (stream.sent < stream.sending.size()) return write_more();
  stream.sending.clear();
  if (!stream.unsent.empty()) return write_stream();
  if (stream.is_complete) finish_stream();
  process();
}

void Connection::finish_stream() {
  record({200, "", {}, "", stream_->remark});
  finish_response();
}

// The status can no longer tell of a failure once the answer has begun: an answer without its last chunk does.
void Connection::fail_stream(Response response) {
  if (!stream_->has_written) {
    stream_.reset();
    exchange_.framing.chunked = false;
    return refuse(std::move(response));
  }
  response.remark = "The answer had begun, so it was broken off.";
  record(response);
  close();
}

void Connection::check_stream(Clock::time_point now) {
  const Stream& stream = *stream_;
  const bool waits = stream.answers.expected() > 0;
  if (waits && now - stream.answers.waiting_since() > shared_.limits.answer)
    return fail_stream(no_answer_to_part(shared_.limits.answer));
  const auto allowed = std::chrono::seconds(reader_->body_received() / shared_.limits.slowest);
  const bool is_sending =
      reader_->state() == RequestReader::State::kBody && now < exchange_.began + shared_.limits.receive + allowed;
  if (stream.is_writing && now >= deadline_ && !is_sending) return close();
  const bool is_idle = now - std::max(received_, stream.last_write) > shared_.limits.idle;
  const bool is_overdue = !stream.has_parts && now >= exchange_.began + shared_.limits.receive + allowed;
  if (!waits && !stream.is_writing && (is_idle || is_overdue)) return fail_stream(nothing_came());
  if (takes_more()) process();
}

}  // namespace smlt::http
