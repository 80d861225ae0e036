// The one path by which a failure in C++ becomes an error in JavaScript.
//
// Every entry point runs inside guarded(). It turns what was thrown into a call of the error factory that TypeScript
// installed, so that JavaScript sees TorchError, UseAfterFreeError or ArgumentError and never a crash or a backtrace.
#pragma once

#include <node_api.h>

#include <stdexcept>
#include <string>

namespace binding {

struct Environment;

// What JavaScript passed can't be used: a wrong type, count or value.
struct Misuse : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A handle whose tensor, generator or program is gone. The message names the argument.
struct UseAfterFree : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A Node-API call failed. When JavaScript already has an exception pending, that one is kept.
struct NodeApiFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void check(napi_status status, const char* what);

// Rethrows the exception in flight as a JavaScript error. Operator and shapes may be empty.
void throw_current_exception(Environment& environment, const std::string& operator_name, const std::string& shapes);

// The same, as a value: for rejecting a promise.
struct Failure {
  std::string kind;
  std::string message;
};
Failure describe_current_exception();
napi_value make_error(Environment& environment, const Failure& failure, const std::string& operator_name,
                      const std::string& shapes);

}  // namespace binding
