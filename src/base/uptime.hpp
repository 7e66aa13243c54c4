#pragma once

namespace smlt {

/// Seconds since this process was started, to 10 ms (the kernel's clock tick): includes the time before `main`.
double uptime_seconds();

}  // namespace smlt
