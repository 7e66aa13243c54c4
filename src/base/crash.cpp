#include "base/crash.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/error.hpp"

namespace smlt {
namespace {

struct Cause {
  int signal;
  const char* sentence;
};

constexpr Cause kCauses[] = {
    {SIGSEGV,
     "The program crashed with SIGSEGV (an invalid memory access), a bug in it or in LibTorch; please report it with "
     "the log.\n"},
    {SIGABRT,
     "The program was aborted (SIGABRT) by an internal check; the lines before this one in the log say which.\n"},
    {SIGBUS,
     "The program crashed with SIGBUS: a file it had mapped became shorter, or the disk or /dev/shm is full.\n"},
    {SIGILL,
     "The program crashed with SIGILL: the processor lacks an instruction it uses; choose a newer instance type.\n"},
    {SIGFPE,
     "The program crashed with SIGFPE (an invalid integer operation), a bug in it or in LibTorch; please report it "
     "with the log.\n"},
};

// A handler receives nothing but the signal's number, so what it needs is prepared here.
std::array<char, 4096> failure_path{};
std::array<char, 64 << 10> handler_stack{};  // a stack overflow leaves no other to run on

void write_text(int fd, const char* text) {
  const ssize_t ignored = ::write(fd, text, std::strlen(text));
  static_cast<void>(ignored);  // there is nobody left to tell
}

extern "C" void on_crash(int signal, siginfo_t* info, void*) {
  for (const Cause& cause : kCauses) {
    if (cause.signal != signal) continue;
    if (failure_path[0] != '\0') {
      const int fd = ::open(failure_path.data(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
      if (fd >= 0) write_text(fd, cause.sentence);
    }
    write_text(STDERR_FILENO, cause.sentence);
  }
  // SA_RESETHAND has restored the default action, which dumps core where the platform wants one (platform 14.12). For
  // PID 1 of a container it is ignored, unless the faulty instruction runs again.
  if (info->si_code > 0) return;
  ::raise(signal);
  ::_exit(128 + signal);
}

}  // namespace

void report_crashes(const std::filesystem::path& failure_file) {
  failure_path.fill('\0');
  if (failure_file.native().size() < failure_path.size()) {
    std::memcpy(failure_path.data(), failure_file.c_str(), failure_file.native().size());
  }
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  ::sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | static_cast<int>(SA_RESETHAND);
  for (const Cause& cause : kCauses) ::sigaction(cause.signal, &action, nullptr);
}

void check_processor() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") == 0 || __builtin_cpu_supports("popcnt") == 0) {
    throw PlatformError(
        "Expected a processor with the instructions of x86-64-v2 (SSE4.2, POPCNT), found one without; choose a newer "
        "instance type.");
  }
#endif
}

}  // namespace smlt
