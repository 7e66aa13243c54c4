#include "base/output.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/text.hpp"

namespace smlt {
namespace {

std::string printable_lines(std::string_view text) {
  std::string out;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    out += printable(text.substr(start, end - start)) + '\n';
    start = end + 1;
  }
  return out;
}

}  // namespace

void Output::line(std::string_view text) {
  const std::string lines = printable_lines(text);
  const std::lock_guard lock(mutex_);
  for (std::string_view rest = lines; !rest.empty();) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // a reader that has gone away must not end a training job
    rest.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace smlt
