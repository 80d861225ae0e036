#include "errors.h"

#include <c10/util/Exception.h>

#include <new>

#include "environment.h"

namespace binding {

void check(napi_status status, const char* what) {
  if (status != napi_ok)
    throw NodeApiFailure(std::string("internal: ") + what + " failed with status " + std::to_string(status));
}

Failure describe_current_exception() {
  try {
    throw;
  } catch (const Misuse& error) {
    return {"argument", error.what()};
  } catch (const UseAfterFree& error) {
    return {"use-after-free", error.what()};
  } catch (const c10::Error& error) {
    return {"torch", error.what_without_backtrace()};
  } catch (const std::bad_alloc&) {
    return {"torch", "out of memory"};
  } catch (const std::exception& error) {
    return {"torch", error.what()};
  } catch (...) {
    return {"torch", "an exception that says nothing of itself"};
  }
}

napi_value make_error(Environment& environment, const Failure& failure, const std::string& operator_name,
                      const std::string& shapes) {
  napi_env env = environment.env;
  const auto text = [env](const std::string& value) {
    napi_value result = nullptr;
    napi_create_string_utf8(env, value.c_str(), value.size(), &result);
    return result;
  };
  napi_value factory = nullptr;
  if (environment.error_factory != nullptr) napi_get_reference_value(env, environment.error_factory, &factory);
  napi_value error = nullptr;
  if (factory != nullptr) {
    napi_value undefined = nullptr;
    napi_get_undefined(env, &undefined);
    napi_value arguments[] = {text(failure.kind), text(failure.message), text(operator_name), text(shapes)};
    if (napi_call_function(env, undefined, factory, 4, arguments, &error) == napi_ok) return error;
  }
  napi_create_error(env, text(failure.kind), text(failure.message), &error);
  return error;
}

void throw_current_exception(Environment& environment, const std::string& operator_name, const std::string& shapes) {
  bool pending = false;
  napi_is_exception_pending(environment.env, &pending);
  if (pending) return;
  const Failure failure = describe_current_exception();
  napi_value error = make_error(environment, failure, operator_name, shapes);
  napi_is_exception_pending(environment.env, &pending);
  if (!pending) napi_throw(environment.env, error);
}

}  // namespace binding
