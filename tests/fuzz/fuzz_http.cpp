// Any bytes as a client's input: whole, and in pieces. Both must give the same requests, all within the limits: a
// difference is how requests are smuggled past a proxy.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/media_type.hpp"
#include "http/request_reader.hpp"

namespace {

using namespace smlt::http;

struct Outcome {
  std::vector<Request> requests;
  int failure = 0;  // the status it ended with; 0: it waits for more
  bool had_parts = false;
};

void check(const Request& request, const Limits& limits) {
  size_t head = request.method.size() + request.path.size() + request.query.size();
  for (const auto& [name, value] : request.headers) head += name.size() + value.size();
  if (head > limits.max_head || request.body.size() > limits.max_body) std::abort();
  static_cast<void>(parse_media_type(request.header("Content-Type")));
}

// Takes the parts that are there, whole lines in order, and puts them together again.
void take_parts(RequestReader& reader, std::string& body) {
  while (const auto part = reader.take_lines(1)) {
    if (part->first_line != 1 + std::count(body.begin(), body.end(), '\n')) std::abort();
    if (!body.empty() && body.back() != '\n') std::abort();  // only the last part of a body may end so
    body += part->text;
  }
}

bool comes_in_parts(RequestReader& reader) {
  return reader.state() == RequestReader::State::kBody && !reader.body_remaining() &&
         reader.request().header("Content-Type") == "text/csv";
}

// As a connection feeds its reader: bytes that were not taken are offered again with the next ones.
Outcome read(std::string_view bytes, size_t piece, const Limits& limits) {
  const auto budget = std::make_shared<Budget>(limits.max_buffered);
  Outcome outcome;
  {
    auto reader = std::make_unique<RequestReader>(limits, budget);
    std::string pending;
    bool is_fresh = true;
    bool in_parts = false;
    std::string body;
    for (size_t start = 0; start < bytes.size(); start += piece) {
      pending += bytes.substr(start, piece);
      while (true) {
        if (is_fresh) pending.erase(0, empty_lines(pending));
        if (pending.empty() || (is_fresh && pending == "\r")) break;
        is_fresh = false;
        const size_t taken = reader->put(pending);
        pending.erase(0, taken);
        if (!in_parts && comes_in_parts(*reader)) {
          in_parts = outcome.had_parts = true;
          reader->cut_lines();
        }
        if (in_parts && reader->state() != RequestReader::State::kFailed) take_parts(*reader, body);
        if (reader->state() == RequestReader::State::kFailed) {
          outcome.failure = reader->failure().status;
          return outcome;
        }
        if (reader->state() == RequestReader::State::kDone) {
          check(reader->request(), limits);
          outcome.requests.push_back(std::move(reader->request()));
          if (in_parts) outcome.requests.back().body = std::exchange(body, {});
          in_parts = false;
          reader = std::make_unique<RequestReader>(limits, budget);
          is_fresh = true;
        } else if (taken == 0) {
          break;
        }
      }
      if (pending.size() > limits.max_head + piece) std::abort();
    }
  }
  if (budget->used() != 0) std::abort();
  return outcome;
}

bool is_same(const Request& a, const Request& b) {
  return a.method == b.method && a.path == b.path && a.query == b.query && a.headers == b.headers && a.body == b.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Limits limits;
  limits.max_head = 512;
  limits.max_body = 2000;
  limits.max_buffered = 3000;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(bytes, std::max<size_t>(bytes.size(), 1), limits);
  const Outcome pieces = read(bytes, 1 + data[0] % 64, limits);
  const size_t both = std::min(whole.requests.size(), pieces.requests.size());
  if (!std::equal(whole.requests.begin(), whole.requests.begin() + static_cast<ptrdiff_t>(both),
                  pieces.requests.begin(), is_same))
    std::abort();
  // A line that is too long, or lack of memory, may show at another byte; nothing else may.
  const auto depends_on_pieces = [](int status) { return status == 431 || status == 503; };
  if (depends_on_pieces(whole.failure) || depends_on_pieces(pieces.failure)) return 0;
  // A long line of a body in parts is refused when it is there without its end.
  if (pieces.had_parts && (whole.failure == 413 || pieces.failure == 413)) return 0;
  if (whole.requests.size() != pieces.requests.size()) std::abort();
  // In pieces, an error in a head may show only when the head is complete.
  const bool still_waits = pieces.failure == 0 && whole.failure != 0;
  if (whole.failure != pieces.failure && !still_waits) std::abort();
  return 0;
}
