#include "http/request_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "http/problem.hpp"
#include "http/target.hpp"

namespace smlt::http {
namespace beast = boost::beast;
using beast::http::error;
using beast::http::field;

namespace {

constexpr size_t kFirstBody = 64 << 10;  // reserved for a body on its Content-Length's claim alone

std::string_view as_view(beast::string_view text) { return {text.data(), text.size()}; }

std::string megabytes(size_t bytes) { return fmt::format("{:.4g} MB", static_cast<double>(bytes) / (1 << 20)); }

// The sentence for what Beast refuses; "" if it has no sentence of its own.
std::string framing_sentence(const beast::error_code& reason) {
  if (reason == error::bad_content_length || reason == error::multiple_content_length)
    return "Expected one Content-Length, a whole number, and no Transfer-Encoding beside it.";
  if (reason == error::bad_transfer_encoding)
    return "Expected Content-Length or Transfer-Encoding, found both or one of them twice.";
  return fmt::format("Expected an HTTP/1.1 request, found one that cannot be read: {}.", reason.message());
}

// Whether a quoted string in the first line of the rest of a chunked body runs past the line's end, where it may
// not (RFC 9112, 7.1.1). Beast looks for the other quote in what follows, and counts the chunk's size against the limit
// again each time.
bool has_open_quote(std::string_view rest) {
  if (rest.starts_with("\r\n")) rest.remove_prefix(2);  // the end of the chunk before
  const size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) return false;
  bool is_open = false;
  for (size_t i = 0; i < end; ++i) {
    if (rest[i] == '"')
      is_open = !is_open;
    else if (is_open && rest[i] == '\\')
      ++i;
  }
  return is_open;
}

}  // namespace

size_t empty_lines(std::string_view bytes) {
  size_t size = 0;
  while (bytes.substr(size).starts_with("\r\n")) size += 2;
  return size;
}

RequestReader::RequestReader(const Limits& limits, std::shared_ptr<Budget> budget)
    : limits_(limits), charge_(std::move(budget)), max_body_(limits.max_body) {
  header_limit(static_cast<std::uint32_t>(limits.max_head));
  body_limit(limits.max_body);
  request_.headers.reserve(12);
}

size_t RequestReader::put(std::string_view bytes) {
  eager(state_ == State::kBody);
  beast::error_code reason;
  const size_t taken = basic_parser::put(boost::asio::const_buffer(bytes.data(), bytes.size()), reason);
  if (state_ == State::kHead && is_header_done() && !reason) check_head(reason);
  if (reason == error::need_more) {
    // The rest is one line or a block of trailers, which cannot be consumed before its end arrives.
    const std::string_view rest = bytes.substr(taken);
    if (rest.size() > limits_.max_head) fail(error::header_limit);
    if (state_ == State::kBody && has_open_quote(rest)) fail(error::bad_chunk_extension);
    return taken;
  }
  if (reason) {
    fail(reason);
  } else if (is_done()) {
    state_ = State::kDone;
  } else if (is_header_done()) {
    state_ = State::kBody;
  }
  return taken;
}

void RequestReader::on_request_impl(beast::http::verb, Text method, Text target, int version, Error& reason) {
  head_bytes_ = method.size() + target.size();
  version_1_0_ = version < 11;
  request_.method = as_view(method);
  std::optional<Target> parsed = read_target(as_view(target));
  if (!parsed) return fail(400, "bad_request", "Expected a path with valid percent escapes.", reason);
  request_.path = std::move(parsed->path);
  request_.raw_path = std::move(parsed->raw);
  request_.query = std::move(parsed->query);
}

void RequestReader::on_field_impl(field name, Text spelled, Text value, Error& reason) {
  head_bytes_ += spelled.size() + value.size() + 4;
  if (head_bytes_ > limits_.max_head) {
    reason = error::header_limit;
    return;
  }
  if (state_ == State::kBody) return;  // trailers mean nothing here
  if (name == field::transfer_encoding && !beast::iequals(value, "chunked"))
    return fail(501, "not_implemented", "Expected no Transfer-Encoding but chunked.", reason);
  if (name == field::expect) {
    if (!beast::iequals(value, "100-continue"))
      return fail(417, "expectation_failed", "Expected no Expect but 100-continue.", reason);
    expects_continue_ = !version_1_0_;
  }
  if (name == field::host) ++hosts_;
  if (name == field::accept) return add_accept(as_view(spelled), as_view(value));
  request_.headers.emplace_back(as_view(spelled), as_view(value));
}

// Its lines are one list (RFC 9110, 5.3).
void RequestReader::add_accept(std::string_view spelled, std::string_view value) {
  if (accept_) {
    request_.headers[*accept_].second.append(", ").append(value);
    return;
  }
  accept_ = request_.headers.size();
  request_.headers.emplace_back(spelled, value);
}

std::optional<size_t> RequestReader::body_remaining() const {
  const auto remaining = content_length_remaining();
  return remaining ? std::optional<size_t>(*remaining) : std::nullopt;
}

// An HTTP/1.0 client knows no chunks: a proxy in between would read the length differently (request smuggling). With
// two hosts it would route by one of them (RFC 9112, 3.2).
void RequestReader::check_head(Error& reason) {
  if (version_1_0_ && chunked()) return fail(400, "bad_request", "Expected no Transfer-Encoding in HTTP/1.0.", reason);
  if (hosts_ == 1 || (hosts_ == 0 && version_1_0_)) return;
  fail(400, "bad_request", fmt::format("Expected one Host header, found {}.", hosts_), reason);
}

void RequestReader::on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& reason) {
  expected_body_ = length ? static_cast<size_t>(*length) : limits_.max_body;
  if (!discarding_ && length && !make_room(std::min(expected_body_, kFirstBody))) reason = error::buffer_overflow;
}

Response RequestReader::too_large() const {
  const char* advice = max_body_ == limits_.max_body ? "; SAGEMAKER_MAX_PAYLOAD_IN_MB raises the limit" : "";
  return problem(413, "payload_too_large",
                 fmt::format("Expected a body of at most {}, found a larger one{}.", megabytes(max_body_), advice));
}

std::optional<Response> RequestReader::limit_body(size_t bytes) {
  max_body_ = std::min(bytes, limits_.max_body);
  body_limit(max_body_);  // of a chunked body; a length has been compared already
  if (body_remaining().value_or(0) > max_body_) return too_large();
  return std::nullopt;
}

void RequestReader::cut_lines() {
  lines_.emplace();
  body_limit(boost::none);
}

std::optional<LineCutter::Part> RequestReader::take_lines(size_t least) {
  return state_ == State::kDone ? lines_->take_rest() : lines_->take(least);
}

size_t RequestReader::on_body_impl(Text body, Error& reason) {
  body_received_ += body.size();
  if (discarding_) return body.size();
  if (lines_) return put_lines(as_view(body), reason);
  if (!make_room(body.size())) {
    reason = error::buffer_overflow;
    return 0;
  }
  request_.body.append(body.data(), body.size());
  return body.size();
}

size_t RequestReader::put_lines(std::string_view text, Error& reason) {
  const size_t before = lines_->capacity();
  lines_->put(text);
  if (!charge_.add(lines_->capacity() - std::min(before, lines_->capacity()))) reason = error::buffer_overflow;
  if (lines_->unfinished() > limits_.max_body) reason = error::body_limit;
  return reason ? 0 : text.size();
}

size_t RequestReader::on_chunk_body_impl(std::uint64_t, Text body, Error& reason) { return on_body_impl(body, reason); }

bool RequestReader::make_room(size_t bytes) {
  std::string& body = request_.body;
  const size_t wanted = body.size() + bytes;
  if (wanted <= body.capacity()) return true;
  const size_t before = body.capacity();
  const size_t doubled = std::max(wanted, std::min(2 * before, expected_body_));
  if (!charge_.add(doubled - before)) return false;
  body.reserve(doubled);
  return true;
}

void RequestReader::fail(int status, std::string_view code, std::string_view sentence, Error& reason) {
  failure_ = problem(status, code, sentence);
  reason = error::bad_value;
}

void RequestReader::fail(const Error& reason) {
  state_ = State::kFailed;
  if (failure_) return;
  if (reason == error::header_limit) {
    failure_ = problem(431, "headers_too_large",
                       fmt::format("Expected a request line and headers of at most {} bytes.", limits_.max_head));
  } else if (reason == error::body_limit) {
    failure_ = too_large();
  } else if (reason == error::buffer_overflow) {
    failure_ = try_again_later(
        "overloaded",
        "The bodies of the requests that are being answered fill the memory set aside for them; try again.");
  } else if (reason == error::bad_version) {
    failure_ =
        problem(505, "http_version_not_supported", "Expected HTTP/1.1 or HTTP/1.0, and CR LF at the end of each line.");
  } else {
    failure_ = problem(400, "bad_request", framing_sentence(reason));
  }
}

}  // namespace smlt::http
