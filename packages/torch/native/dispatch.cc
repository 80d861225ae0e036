// Calling any operator of libtorch: arguments from the shared array, one boxed call, results back as handles.

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "arguments.h"
#include "entry.h"
#include "program.h"

namespace binding {

namespace {

// With nothing to differentiate, the autograd layer only forwards: skipping it saves a dispatch, views stay tracked.
void call_operator(const Operator& op, c10::Stack& stack, bool autograd) {
  if (autograd) {
    op.handle.callBoxed(&stack);
  } else {
    at::AutoDispatchBelowAutograd below_autograd;
    op.handle.callBoxed(&stack);
  }
}

bool any_requires_grad(const c10::Stack& stack) {
  for (const auto& value : stack) {
    if (value.isTensor()) {
      if (value.toTensor().requires_grad()) return true;
    } else if (value.isTensorList()) {
      for (const at::Tensor& tensor : value.toTensorVector()) {
        if (tensor.requires_grad()) return true;
      }
    } else if (value.isList()) {
      return true;  // optional tensors: rare, not worth a look
    }
  }
  return false;
}

std::vector<at::Tensor> tensors_of(const c10::Stack& results) {
  std::vector<at::Tensor> tensors;
  for (const auto& value : results) {
    if (value.isTensorList()) {
      for (const at::Tensor& tensor : value.toTensorVector()) tensors.push_back(tensor);
    } else {
      tensors.push_back(value.isTensor() ? value.toTensor() : at::Tensor());
    }
  }
  return tensors;
}

void write_results(Environment& environment, std::vector<at::Tensor> tensors) {
  std::vector<Handle> handles = environment.add_all(std::move(tensors));
  if (handles.size() > environment.scratch_length) {
    environment.waiting_results = std::move(handles);
  } else {
    std::copy(handles.begin(), handles.end(), environment.scratch);
  }
}

double call(Environment& environment, const Operator& op, size_t length) {
  c10::Stack stack;
  stack.reserve(op.defaults.size() + 1);
  ArgumentReader reader(environment, length);
  if (op.parameters.size() == op.defaults.size()) {
    for (const auto& parameter : op.parameters) stack.push_back(reader.read(parameter));
  } else {
    stack = op.defaults;
    for (const auto& parameter : op.parameters) stack[parameter.position] = reader.read(parameter);
  }
  reader.expect_end();

  if (op.guard != nullptr) op.guard(stack);
  const bool autograd = at::GradMode::is_enabled() && any_requires_grad(stack);
  if (Recorder* recorder = environment.recorder()) {
    recorder->call(op, stack);
  } else {
    call_operator(op, stack, autograd);
  }

  switch (op.returns) {
    case ReturnKind::Nothing:
      return 0;
    case ReturnKind::Tensor:
      return environment.add(std::move(stack[0]).toTensor());
    case ReturnKind::Tensors: {
      std::vector<at::Tensor> tensors = tensors_of(stack);
      const double count = static_cast<double>(tensors.size());
      write_results(environment, std::move(tensors));
      return count;
    }
    case ReturnKind::Number: {
      const c10::IValue& value = stack[0];
      if (value.isBool()) return value.toBool() ? 1 : 0;
      return value.toScalar().toDouble();
    }
  }
  return 0;
}

// call(operator, length): arguments are the first `length` numbers of the shared array. Returns a handle, the count of
// handles written to the shared array, or the number itself, as the operator's ReturnKind says.
napi_value call_entry(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value values[2];
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  auto& environment = *static_cast<Environment*>(data);
  uint32_t number = 0;
  uint32_t length = 0;
  const Operator* op = nullptr;
  try {
    if (count < 2 || napi_get_value_uint32(env, values[0], &number) != napi_ok ||
        napi_get_value_uint32(env, values[1], &length) != napi_ok || number >= environment.operators.size()) {
      throw Misuse("internal: call() takes an operator's number and a length");
    }
    op = &environment.operators[number];
    const double result = call(environment, *op, length);
    napi_value returned = nullptr;
    napi_create_double(env, result, &returned);
    return returned;
  } catch (...) {
    throw_current_exception(environment, op == nullptr ? "" : op->name,
                            op == nullptr ? "" : argument_shapes(environment, *op, length));
    return nullptr;
  }
}

// resolve(name, overload, argumentNames, argumentKinds) => the operator's number
napi_value resolve(Environment& environment, const Arguments& arguments) {
  environment.operators.push_back(
      resolve_operator(arguments.string(0), arguments.string(1), arguments.strings(2), arguments.strings(3)));
  return to_js(environment.env, static_cast<double>(environment.operators.size() - 1));
}

// schema(name, overload) => text, empty when there is no such operator
napi_value schema(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, schema_text(arguments.string(0), arguments.string(1)));
}

// setScratch(array: Float64Array): results that found no room in the last one are written to it
napi_value set_scratch(Environment& environment, const Arguments& arguments) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  const napi_status status =
      napi_get_typedarray_info(environment.env, arguments.raw(0), &type, &length, &data, nullptr, nullptr);
  if (status != napi_ok || type != napi_float64_array) throw Misuse("internal: setScratch() takes a Float64Array");
  napi_ref reference = nullptr;
  check(napi_create_reference(environment.env, arguments.raw(0), 1, &reference), "keeping the shared array");
  if (environment.scratch_ref != nullptr) napi_delete_reference(environment.env, environment.scratch_ref);
  environment.scratch_ref = reference;
  environment.scratch = static_cast<double*>(data);
  environment.scratch_length = length;
  if (!environment.waiting_results.empty() && environment.waiting_results.size() <= length) {
    std::copy(environment.waiting_results.begin(), environment.waiting_results.end(), environment.scratch);
    environment.waiting_results.clear();
  }
  return nullptr;
}

// internString(text) => its number
napi_value intern_string(Environment& environment, const Arguments& arguments) {
  environment.strings.push_back(arguments.string(0));
  return to_js(environment.env, static_cast<double>(environment.strings.size() - 1));
}

// setErrorFactory(factory)
napi_value set_error_factory(Environment& environment, const Arguments& arguments) {
  napi_valuetype type;
  check(napi_typeof(environment.env, arguments.raw(0), &type), "typeof");
  if (type != napi_function) throw Misuse("internal: setErrorFactory() takes a function");
  napi_ref reference = nullptr;
  check(napi_create_reference(environment.env, arguments.raw(0), 1, &reference), "keeping the error factory");
  if (environment.error_factory != nullptr) napi_delete_reference(environment.env, environment.error_factory);
  environment.error_factory = reference;
  return nullptr;
}

}  // namespace

std::vector<Export> dispatch_exports() {
  return {
      {"call", call_entry},
      {"resolve", entry<resolve>},
      {"schema", entry<schema>},
      {"setScratch", entry<set_scratch>},
      {"internString", entry<intern_string>},
      {"setErrorFactory", entry<set_error_factory>},
  };
}

}  // namespace binding
