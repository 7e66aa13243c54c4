#include "settings/endpoint.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "machine/threads.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;
using namespace smlt::machine;
using namespace smlt::settings;

TEST_CASE("An endpoint has the platform's defaults", "[settings]") {
  const Endpoint endpoint = read_endpoint({}, {{"SAGEMAKER_PROGRAM", "inference.py"}, {"SAGEMAKER_REGION", "x"}});
  CHECK(endpoint.port == 8080);
  CHECK(endpoint.max_body == 25 << 20);
  CHECK(endpoint.max_buffered >= endpoint.max_body);
  CHECK(endpoint.workers == available_processors());
  CHECK(endpoint.batch_delay.count() == 0);
  CHECK(endpoint.default_accept == "application/json");
  CHECK(endpoint.timeout.count() == 60'000);
  CHECK_FALSE(endpoint.log_requests);
}

TEST_CASE("Every setting of an endpoint has its variable, and the command line wins", "[settings]") {
  const Environment environment = {{"SAGEMAKER_BIND_TO_PORT", "9000"},
                                   {"SAGEMAKER_SAFE_PORT_RANGE", "20000-20100"},
                                   {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/x-npy"},
                                   {"SAGEMAKER_MAX_PAYLOAD_IN_MB", "1024"},
                                   {"SAGEMAKER_MODEL_SERVER_WORKERS", "3"},
                                   {"SAGEMAKER_TS_MAX_WORKERS", "4"},
                                   {"SAGEMAKER_TS_BATCH_SIZE", "16"},
                                   {"SAGEMAKER_TS_MAX_BATCH_DELAY", "5"},
                                   {"SAGEMAKER_MODEL_SERVER_TIMEOUT", "3600"},
                                   {"SAGEMAKER_CONTAINER_LOG_LEVEL", "10"},
                                   {"SMLT_QUEUE_SIZE", "7"},
                                   {"SMLT_IDLE_TIMEOUT", "0.5"},
                                   {"SMLT_MAX_CONNECTIONS", "99"},
                                   {"SMLT_MAX_BUFFERED_MB", "2048"}};
  const std::vector<std::string> options = {"--port", "7000", "--batch_size=8"};
  const Endpoint endpoint = read_endpoint(options, environment);
  CHECK(endpoint.port == 7000);
  CHECK(endpoint.default_accept == "application/x-npy");
  CHECK(endpoint.max_body == int64_t{1} << 30);
  CHECK(endpoint.workers == 3);
  CHECK(endpoint.batch_size == 8);
  CHECK(endpoint.batch_delay.count() == 5);
  CHECK(endpoint.timeout.count() == 3'600'000);
  CHECK(endpoint.log_requests);
  CHECK(endpoint.queue_size == 7);
  CHECK(endpoint.idle_timeout.count() == 500);
  CHECK(endpoint.max_connections == 99);
  CHECK(endpoint.max_buffered == int64_t{2} << 30);
}

TEST_CASE("A setting of an endpoint that makes no sense is reported with its source", "[settings]") {
  CHECK_THROWS_WITH(read_endpoint({}, {{"SAGEMAKER_BIND_TO_PORT", "http"}}),
                    "Setting port (from SAGEMAKER_BIND_TO_PORT) must be an integer from 0 to 65535, but it is 'http'.");
  CHECK_THROWS_WITH(
      read_endpoint({}, {{"SAGEMAKER_MODEL_SERVER_WORKERS", "2"}, {"SAGEMAKER_TS_MIN_WORKERS", "-1"}}),
      "Setting workers (from SAGEMAKER_TS_MIN_WORKERS) must be an integer from 0 to 1024, but it is '-1'.");
  for (const char* range : {"", "20000", "20000-", "2-1", "0-1", "1-65536", "a-b"}) {
    CHECK_THROWS_WITH(read_endpoint({}, {{"SAGEMAKER_SAFE_PORT_RANGE", range}}),
                      "Setting SAGEMAKER_SAFE_PORT_RANGE must be two ports such as 20000-20100, but it is '" +
                          std::string(range) + "'.");
  }
  const std::vector<std::string> unknown = {"--porrt", "1"};
  CHECK_THROWS_WITH(read_endpoint(unknown, {}),
                    "Unknown option '--porrt'; `sagemaker-libtorch serve --help` lists them all.");
}

TEST_CASE("Bodies together may always take what one body may", "[settings]") {
  const std::vector<std::string> options = {"--max-buffered-mb", "1", "--max-payload-mb", "30"};
  CHECK(read_endpoint(options, {}).max_buffered == 30 << 20);
}

TEST_CASE("A batch transform job may have bodies of any size and more time", "[settings]") {
  for (const char* spelled : {"true", "True", "TRUE"}) {
    const Endpoint endpoint = read_endpoint({}, {{"SAGEMAKER_BATCH", spelled}, {"SAGEMAKER_MAX_PAYLOAD_IN_MB", "0"}});
    CHECK(endpoint.batch);
    CHECK(endpoint.final_newline);
    CHECK(endpoint.max_body == endpoint.max_buffered);
    CHECK(endpoint.timeout.count() == 600'000);
  }
  const Endpoint set = read_endpoint({}, {{"SAGEMAKER_BATCH", "true"}, {"SAGEMAKER_MODEL_SERVER_TIMEOUT", "60"}});
  CHECK(set.timeout.count() == 60'000);
  CHECK(!read_endpoint({}, {}).batch);
}

TEST_CASE("bf16 needs a processor for it, and is never chosen by itself", "[settings]") {
  const test::TemporaryDirectory directory;
  const auto info = directory.path() / "cpuinfo";
  const auto chosen = [&](const std::string& flags, const std::string& precision) {
    write_file(info, "flags\t\t: " + flags + "\n");
    return read_endpoint({}, {{"SMLT_PRECISION", precision}}, info).bfloat16;
  };
  CHECK(chosen("avx512f avx512_bf16", "bf16"));
  CHECK_FALSE(chosen("avx512f avx512_bf16", "auto"));
  CHECK_FALSE(chosen("avx2", "fp32"));
  CHECK_THROWS_WITH(chosen("avx2 fma", "bf16"),
                    "Expected a processor with AMX or AVX512-BF16 for --precision bf16, found one without; choose "
                    "another instance type, or leave --precision out.");
  CHECK_THROWS_WITH(chosen("avx2", "fp16"), ContainsSubstring("must be one of auto, fp32 and bf16"));
}
