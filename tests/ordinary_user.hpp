#pragma once

#include <unistd.h>

#include "tests/catch.hpp"

namespace smlt::test {

/// While this exists, a test run by root has the permissions of `nobody`; one run by an ordinary user keeps its own.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(::geteuid() == 0) {
    if (was_root_) REQUIRE(::seteuid(kNobody) == 0);
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  ~OrdinaryUser() {
    if (was_root_) CHECK(::seteuid(0) == 0);
  }

  static constexpr uid_t kNobody = 65534;

 private:
  bool was_root_;
};

}  // namespace smlt::test
