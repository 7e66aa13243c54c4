#include "cluster/beats.hpp"

#include <algorithm>
#include <functional>
#include <sstream>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::cluster {
namespace {

Beats::Ranks ranks_where(size_t size, const std::function<bool(size_t)>& holds) {
  Beats::Ranks ranks;
  for (size_t i = 0; i < size; ++i) {
    if (holds(i)) ranks.push_back(static_cast<int>(i));
  }
  return ranks;
}

bool proceeds(const Beat& before, const Beat& after) {
  return after.waits_in == 0 || after.waits_in != before.waits_in || after.moved != before.moved;
}

}  // namespace

std::string Beat::text() const {
  return fmt::format("{} {} {} {} {}", count, waits_in, moved, is_done ? 1 : 0, address);
}

Beat Beat::parse(const std::string& text) {
  std::istringstream words(text);
  Beat beat;
  if (words >> beat.count >> beat.waits_in >> beat.moved >> beat.is_done >> beat.address) return beat;
  throw AlgorithmError("Expected a beat in the ranks' store, found {}.", in_quotes(text));
}

Beats::Beats(int size, Clock::time_point now)
    : beats_(static_cast<size_t>(size)), changed_(static_cast<size_t>(size), now), moved_(now) {}

void Beats::note(std::vector<Beat> beats, Clock::time_point now) {
  for (size_t i = 0; i < beats_.size(); ++i) {
    if (beats[i].count != beats_[i].count) changed_[i] = now;
    if (proceeds(beats_[i], beats[i])) moved_ = now;
  }
  beats_ = std::move(beats);
}

void Beats::excuse(Clock::duration time) {
  for (Clock::time_point& changed : changed_) changed += time;
  moved_ += time;
}

Beats::Ranks Beats::absent() const {
  return ranks_where(beats_.size(), [&](size_t i) { return beats_[i].count == 0; });
}

Beats::Ranks Beats::silent(Clock::time_point now, Clock::duration limit) const {
  return ranks_where(beats_.size(),
                     [&](size_t i) { return beats_[i].count > 0 && !beats_[i].is_done && now - changed_[i] > limit; });
}

bool Beats::are_stuck(Clock::time_point now, Clock::duration limit) const { return now - moved_ > limit; }

Beats::Ranks Beats::named_in(std::string_view text) const {
  return ranks_where(beats_.size(),
                     [&](size_t i) { return text.find("[" + beats_[i].address + "]") != std::string_view::npos; });
}

}  // namespace smlt::cluster
