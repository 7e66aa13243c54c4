#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/part_answers.hpp"
#include "http/request_reader.hpp"
#include "http/response_head.hpp"
#include "http/shared.hpp"

namespace smlt::http {

/// One client. Handles its requests one at a time, so that answers keep their order; nothing is read while one is being
/// answered, unless it is answered in parts while it arrives. Everything happens on the input/output thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(Shared& shared, boost::asio::ip::tcp::socket socket);

  /// `place` is this connection's place in the shared list.
  void start(Connections::iterator place);

  /// The answer to request or part `number`; one that comes too late is dropped.
  void answer(uint64_t number, Response response);

  /// Ends whatever has taken too long.
  void check_deadline(Clock::time_point now);

  bool owes_nothing() const;                  // has not read the head of a request: may be closed to make room
  bool is_busy(Clock::time_point now) const;  // owes an answer, or is still receiving a request

  /// Takes itself out of the shared list.
  void close();

 private:
  // With what follows. All but the last have a deadline, and check_deadline says what happens at it.
  enum class Phase {
    kIdle,       // no request has begun -> kReceiving
    kReceiving,  // one has begun -> kWaiting, kStreaming or, if it is refused, kWriting
    kStreaming,  // its body arrives and is answered, both in parts -> kIdle, kLingering, or kWriting if it is refused
    kWaiting,    // the handler has it -> kWriting
    kWriting,    // skipped if the socket accepts the whole response at once -> kIdle or, after the last one, kLingering
    kLingering,  // what the client still sends is discarded until it hangs up -> kClosed
    kClosed,
  };

  // What the answer needs to know about its request.
  struct Exchange {
    bool head_seen = false;
    bool began_while_draining = false;
    size_t route = 0;    // their number if there is none
    std::string method;  // "" if no head was read
    std::string inference_id;
    std::optional<Response> refusal;  // decided from the head alone
    Framing framing;
    Clock::time_point began{};
  };

  // The answer to a body that is answered in parts.
  struct Stream {
    explicit Stream(std::shared_ptr<Budget> budget) : charge(std::move(budget)) {}
    PartAnswers answers;
    bool has_parts = false;    // one has been handed over
    bool has_begun = false;    // there is an answer to the first part
    bool has_body = false;     // an answer with a body
    bool has_written = false;  // bytes of it have left
    bool is_complete = false;  // `unsent` ends with the last chunk
    bool is_writing = false;
    std::string sending;  // being written
    size_t sent = 0;      // of it
    std::string unsent;   // follows it
    Charge charge;        // of both
    size_t charged = 0;
    std::string remark;  // the first of the answers'
    Clock::time_point last_write = Clock::now();
  };

  void enter(Phase phase, Clock::time_point deadline);

  // kIdle, kReceiving and kStreaming.
  bool takes_requests() const;
  void read();
  void on_read(size_t bytes);
  void process();
  bool take_from_buffer();
  bool begin_request();
  bool read_body_directly();
  void examine();
  void note_head();
  void on_head();
  void hand_over();
  std::chrono::milliseconds answer_limit() const;
  void call_handler(Request request, Charge charge);

  // kStreaming.
  bool is_answered_in_parts();
  void begin_stream();
  void stream();
  void hand_over_parts();
  void send_part(Response response);
  bool takes_more() const;
  void write_stream();
  void write_more();
  void on_stream_written(size_t bytes);
  void finish_stream();
  void fail_stream(Response response);
  void check_stream(Clock::time_point now);

  // To kWriting and beyond.
  void refuse(Response response);
  void respond(Response response);
  void record(const Response& response);
  void write_rest();
  void finish_response();

  // kLingering.
  void linger();
  void discard();

  Shared& shared_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;     // received, not yet parsed
  std::optional<RequestReader> reader_;  // of the request being received
  Connections::iterator place_;
  Phase phase_ = Phase::kIdle;
  bool reading_ = false;        // a read is under way
  bool reads_directly_ = true;  // a large body may take one more read at once
  uint64_t number_ = 0;         // of the request
  Exchange exchange_;
  std::optional<Stream> stream_;
  Clock::time_point received_{};   // the last bytes
  Clock::time_point deadline_{};   // of the phase
  Clock::time_point last_call_{};  // of lingering, however much more arrives
  // A response that the socket did not accept at once:
  std::string head_;
  std::string body_;
  size_t written_ = 0;
};

}  // namespace smlt::http
