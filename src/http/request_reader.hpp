#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <memory>
#include <optional>
#include <string_view>

#include "http/budget.hpp"
#include "http/limits.hpp"
#include "http/line_cutter.hpp"
#include "http/message.hpp"

namespace smlt::http {

/// How many bytes at the front are empty lines: some clients end a body with one, which belongs to no request (RFC
/// 9112, 2.2).
size_t empty_lines(std::string_view bytes);

/// Reads one request from the wire (RFC 9112): Beast's parser with our limits. It writes straight into a Request.
/// Memory grows with the bytes received, never with an announced length.
class RequestReader : private boost::beast::http::basic_parser<true> {
 public:
  enum class State { kHead, kBody, kDone, kFailed };

  RequestReader(const Limits& limits, std::shared_ptr<Budget> budget);

  /// Takes bytes from the front of `bytes` and returns how many; offer the rest again with the bytes that follow. Stops
  /// after the head, so that the caller may refuse the request before its body is taken.
  size_t put(std::string_view bytes);

  State state() const { return state_; }
  const Response& failure() const { return *failure_; }  // the reason for the state kFailed

  bool keeps_alive() const { return keep_alive(); }
  bool is_version_1_0() const { return version_1_0_; }
  bool expects_continue() const { return expects_continue_; }

  /// Bytes of the body still to come, according to Content-Length. Valid after the head.
  std::optional<size_t> body_remaining() const;

  /// From now on the body is read and discarded.
  void discard_body() { discarding_ = true; }

  /// Lowers the limit of the body. Returns a refusal if it is announced to be longer. Valid after the head.
  std::optional<Response> limit_body(size_t bytes);

  /// From now on the body is cut into parts of whole lines, of any number; a line is limited as a body is. Valid after
  /// the head.
  void cut_lines();

  /// The next part if it has at least `least` bytes; in state kDone whatever is left.
  std::optional<LineCutter::Part> take_lines(size_t least);

  Request& request() { return request_; }
  size_t body_received() const { return body_received_; }
  Charge take_charge() { return std::move(charge_); }

 private:
  using Error = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb, Text method, Text target, int version, Error& reason) override;
  void on_field_impl(boost::beast::http::field name, Text spelled, Text value, Error& reason) override;
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& reason) override;
  size_t on_body_impl(Text body, Error& reason) override;
  void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
  size_t on_chunk_body_impl(std::uint64_t, Text body, Error& reason) override;
  void on_finish_impl(Error&) override {}
  // Only responses have these.
  void on_response_impl(int, Text, int, Error&) override {}

  void check_head(Error& reason);
  void add_accept(std::string_view spelled, std::string_view value);
  void fail(int status, std::string_view code, std::string_view sentence, Error& reason);
  void fail(const Error& reason);
  Response too_large() const;
  bool make_room(size_t bytes);
  size_t put_lines(std::string_view text, Error& reason);

  const Limits& limits_;
  Charge charge_;
  Request request_;
  std::optional<LineCutter> lines_;
  State state_ = State::kHead;
  std::optional<Response> failure_;
  size_t head_bytes_ = 0;
  size_t hosts_ = 0;              // lines of that name
  std::optional<size_t> accept_;  // its position among the headers
  size_t body_received_ = 0;
  size_t max_body_;
  size_t expected_body_ = 0;  // what Content-Length announces, else the limit
  bool version_1_0_ = false;
  bool expects_continue_ = false;
  bool discarding_ = false;
};

}  // namespace smlt::http
