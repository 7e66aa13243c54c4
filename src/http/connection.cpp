// Receiving: from bytes to requests. Answering is connection_answer.cpp.
#include "http/connection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "http/problem.hpp"

namespace smlt::http {
namespace asio = boost::asio;
namespace {

constexpr size_t kReadSize = 4096;  // a small request; 10,000 idle connections take 40 MB
constexpr size_t kChunkedReadSize = 64 << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view as_view(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

Response stopping() { return try_again_later("stopping", "The endpoint is being stopped."); }

}  // namespace

Connection::Connection(Shared& shared, asio::ip::tcp::socket socket) : shared_(shared), socket_(std::move(socket)) {}

void Connection::start(Connections::iterator place) {
  place_ = place;
  boost::system::error_code ignored;  // a client that is already gone shows at the next read
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  enter(Phase::kIdle, Clock::now() + shared_.limits.idle);
  read();
}

void Connection::read() {
  if (reading_) return;
  reading_ = true;
  socket_.async_read_some(buffer_.prepare(kReadSize),
                          [self = shared_from_this()](const boost::system::error_code& error, size_t bytes) {
                            self->reading_ = false;
                            if (self->phase_ == Phase::kClosed) return;
                            error ? self->close() : self->on_read(bytes);
                          });
}

void Connection::on_read(size_t bytes) {
  if (phase_ == Phase::kLingering) return discard();
  buffer_.commit(bytes);
  received_ = Clock::now();
  reads_directly_ = true;
  process();
}

bool Connection::takes_requests() const {
  return phase_ == Phase::kIdle || phase_ == Phase::kReceiving || (phase_ == Phase::kStreaming && takes_more());
}

// Takes what has been received, request by request, until more is needed or an answer is owed.
void Connection::process() {
  while (takes_requests()) {
    const bool progressed = buffer_.size() > 0 ? take_from_buffer() : read_body_directly();
    if (phase_ == Phase::kReceiving) examine();
    if (phase_ == Phase::kStreaming) stream();
    if (progressed || !takes_requests()) continue;
    if (exchange_.refusal) return refuse(std::move(*exchange_.refusal));  // rather than wait for the rest of it
    return read();
  }
}

bool Connection::take_from_buffer() {
  if (phase_ == Phase::kIdle && !begin_request()) return false;
  const size_t taken = reader_->put(as_view(buffer_));
  buffer_.consume(taken);
  return taken > 0;
}

// An empty line, or its first half, does not begin a request: otherwise the time for a request would run against a
// client that sends none.
bool Connection::begin_request() {
  buffer_.consume(empty_lines(as_view(buffer_)));
  if (buffer_.size() == 0 || as_view(buffer_) == "\r") return false;
  reader_.emplace(shared_.limits, shared_.budget);
  exchange_.began = received_;
  exchange_.began_while_draining = shared_.draining;
  exchange_.route = shared_.routes.size();
  enter(Phase::kReceiving, received_ + shared_.limits.receive);
  return true;
}

// Once per turn, bypassing the small buffer: a large body is read in large pieces, with other connections' turns in
// between.
bool Connection::read_body_directly() {
  const bool receives = phase_ == Phase::kReceiving || phase_ == Phase::kStreaming;
  const bool in_body = receives && reader_->state() == RequestReader::State::kBody && !exchange_.refusal;
  if (!in_body || !std::exchange(reads_directly_, false)) return false;
  const size_t wanted = std::min<size_t>(reader_->body_remaining().value_or(kChunkedReadSize), shared_.scratch.size());
  boost::system::error_code error;
  const size_t bytes = socket_.read_some(asio::buffer(shared_.scratch.data(), wanted), error);
  if (error) return false;  // nothing to read, or an end that the next read reports
  const size_t taken = reader_->put({shared_.scratch.data(), bytes});
  buffer_.commit(
      asio::buffer_copy(buffer_.prepare(bytes - taken), asio::buffer(&shared_.scratch[taken], bytes - taken)));
  return true;
}

// Acts on how far the request has come.
void Connection::examine() {
  const RequestReader::State state = reader_->state();
  if (state == RequestReader::State::kHead) return;
  if (state == RequestReader::State::kFailed) {
    if (!exchange_.head_seen) note_head();
    return refuse(reader_->failure());
  }
  const bool is_head = !exchange_.head_seen;
  if (is_head) on_head();
  if (is_head && state == RequestReader::State::kBody && is_answered_in_parts()) return begin_stream();
  if (state == RequestReader::State::kDone) {
    return exchange_.refusal ? respond(std::move(*exchange_.refusal)) : hand_over();
  }
  const auto allowed = std::chrono::seconds(reader_->body_received() / shared_.limits.slowest);
  deadline_ = exchange_.began + shared_.limits.receive + allowed;
}

// What the answer needs from the head; if the head could not be read completely, whatever there is.
void Connection::note_head() {
  Request& request = reader_->request();
  Match match = find_route(shared_.routes, request);
  request.segment = std::move(match.segment);
  exchange_.head_seen = true;
  exchange_.route = match.index;
  exchange_.refusal = std::move(match.refusal);
  exchange_.method = request.method;
  exchange_.framing.version_1_0 = reader_->is_version_1_0();
  exchange_.framing.custom_attributes = request.header("X-Amzn-SageMaker-Custom-Attributes");
  exchange_.inference_id = request.header("X-Amzn-SageMaker-Inference-Id");
}

void Connection::on_head() {
  note_head();
  exchange_.framing.close = !reader_->keeps_alive();
  if (exchange_.began_while_draining) exchange_.refusal = stopping();
  if (!exchange_.refusal && shared_.routes[exchange_.route].max_body > 0) {
    exchange_.refusal = reader_->limit_body(shared_.routes[exchange_.route].max_body);
  }
  if (exchange_.refusal) return reader_->discard_body();
  if (!reader_->expects_continue() || reader_->state() != RequestReader::State::kBody || buffer_.size() > 0) return;
  boost::system::error_code ignored;  // a client that hears nothing sends its body after a while anyway
  socket_.write_some(asio::buffer(kContinue), ignored);
}

void Connection::hand_over() {
  enter(Phase::kWaiting, received_ + answer_limit());
  Charge charge = reader_->take_charge();
  Request request = std::move(reader_->request());
  reader_.reset();
  call_handler(std::move(request), std::move(charge));
}

void Connection::call_handler(Request request, Charge charge) {
  const auto ticket = std::make_shared<Ticket>(shared_.outbox, weak_from_this(), ++number_, std::move(charge));
  try {
    shared_.routes[exchange_.route].handler(std::move(request),
                                            [ticket](Response response) { ticket->answer(std::move(response)); });
  } catch (const std::exception& e) {
    ticket->answer(problem(500, "internal_error", fmt::format("A bug in this program: {}", e.what())));
  }
}

}  // namespace smlt::http
