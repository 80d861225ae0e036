// Gradients: grad mode, backward, and reading and writing `.grad`. Each is also written down by a recorder.

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "entry.h"
#include "program.h"

namespace binding {

namespace {

std::vector<at::Tensor> optional_tensors(Environment& environment, const Arguments& arguments, size_t index) {
  std::vector<at::Tensor> tensors;
  for (const int64_t handle : arguments.integers(index)) {
    tensors.push_back(handle == 0 ? at::Tensor()
                                  : environment.tensor(to_handle(static_cast<double>(handle)), "gradOutputs"));
  }
  return tensors;
}

std::vector<at::Tensor> joined(std::initializer_list<std::vector<at::Tensor>> lists) {
  std::vector<at::Tensor> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

void write_down(Environment& environment, Instruction instruction, const std::vector<at::Tensor>& inputs,
                const std::vector<at::Tensor>& outputs) {
  if (Recorder* recorder = environment.recorder()) recorder->append(std::move(instruction), inputs, outputs);
}

void refuse_in_checkpoint(Environment& environment) {
  const Recorder* recorder = environment.recorder();
  if (recorder != nullptr && recorder->is_checkpoint()) {
    throw Misuse("gradients can't be computed, read or requested inside a checkpoint. Do it outside.");
  }
}

// setGradEnabled(enabled) => what it was
napi_value set_grad_enabled(Environment& environment, const Arguments& arguments) {
  const bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(arguments.boolean(0));
  return to_js(environment.env, before);
}

napi_value grad_enabled(Environment& environment, const Arguments&) {
  return to_js(environment.env, at::GradMode::is_enabled());
}

// backward(roots, rootGradients, retainGraph, createGraph); a gradient of 0 means one, for a root with one element
napi_value backward(Environment& environment, const Arguments& arguments) {
  refuse_in_checkpoint(environment);
  const auto roots = arguments.tensors(0, "outputs");
  const auto gradients = optional_tensors(environment, arguments, 1);
  if (roots.size() != gradients.size()) throw Misuse("internal: one gradient, or 0, for each root");
  Instruction instruction;
  instruction.kind = InstructionKind::Backward;
  instruction.roots = roots.size();
  instruction.retain_graph = arguments.boolean(2);
  instruction.create_graph = arguments.boolean(3);
  torch::autograd::backward(roots, gradients, instruction.retain_graph, instruction.create_graph);
  write_down(environment, std::move(instruction), joined({roots, gradients}), {});
  return nullptr;
}

// grad(roots, rootGradients, inputs, retainGraph, createGraph, allowUnused) => handles, 0 where unused
napi_value grad(Environment& environment, const Arguments& arguments) {
  refuse_in_checkpoint(environment);
  const auto roots = arguments.tensors(0, "outputs");
  const auto gradients = optional_tensors(environment, arguments, 1);
  const auto inputs = arguments.tensors(2, "inputs");
  if (roots.size() != gradients.size()) throw Misuse("internal: one gradient, or 0, for each root");
  Instruction instruction;
  instruction.kind = InstructionKind::Grad;
  instruction.roots = roots.size();
  instruction.retain_graph = arguments.boolean(3);
  instruction.create_graph = arguments.boolean(4);
  instruction.flag = arguments.boolean(5);
  auto result = torch::autograd::grad(roots, inputs, gradients, instruction.retain_graph, instruction.create_graph,
                                      instruction.flag);
  write_down(environment, std::move(instruction), joined({roots, gradients, inputs}), result);
  return to_js_handles(environment, std::move(result));
}

// gradOf(tensor) => handle, 0 when there is none
napi_value grad_of(Environment& environment, const Arguments& arguments) {
  refuse_in_checkpoint(environment);
  const at::Tensor& tensor = arguments.tensor(0, "grad");
  const at::Tensor gradient = tensor.grad();
  Instruction instruction;
  instruction.kind = InstructionKind::ReadGrad;
  write_down(environment, std::move(instruction), {tensor}, {gradient});
  return to_js(environment.env, static_cast<double>(environment.add(gradient)));
}

// setGrad(tensor, gradient or 0)
napi_value set_grad(Environment& environment, const Arguments& arguments) {
  refuse_in_checkpoint(environment);
  const at::Tensor tensor = arguments.tensor(0, "grad");
  const at::Tensor gradient = arguments.integer(1) == 0 ? at::Tensor() : arguments.tensor(1, "the new grad");
  if (gradient.defined() && (gradient.sizes() != tensor.sizes() || gradient.dtype() != tensor.dtype() ||
                             gradient.device() != tensor.device())) {
    throw Misuse("a gradient must have its tensor's shape, dtype and device");
  }
  tensor.mutable_grad() = gradient;
  Instruction instruction;
  instruction.kind = InstructionKind::WriteGrad;
  write_down(environment, std::move(instruction), {tensor, gradient}, {});
  return nullptr;
}

napi_value requires_grad(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, arguments.tensor(0, "requiresGrad").requires_grad());
}

// setRequiresGrad(tensor, value): leaves only, and only floating point
napi_value set_requires_grad(Environment& environment, const Arguments& arguments) {
  refuse_in_checkpoint(environment);
  const at::Tensor& tensor = arguments.tensor(0, "requiresGrad");
  const bool value = arguments.boolean(1);
  if (!tensor.is_leaf() && !value) {
    throw Misuse("only a leaf can stop requiring a gradient. Use detach() to get a tensor that needs none.");
  }
  tensor.requires_grad_(value);
  Instruction instruction;
  instruction.kind = InstructionKind::RequireGrad;
  instruction.flag = value;
  write_down(environment, std::move(instruction), {tensor}, {});
  return nullptr;
}

napi_value is_leaf(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, arguments.tensor(0, "isLeaf").is_leaf());
}

napi_value version(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, static_cast<double>(arguments.tensor(0, "version")._version()));
}

}  // namespace

std::vector<Export> autograd_exports() {
  return {
      {"setGradEnabled", entry<set_grad_enabled>},
      {"gradEnabled", entry<grad_enabled>},
      {"backward", entry<backward>},
      {"grad", entry<grad>},
      {"gradOf", entry<grad_of>},
      {"setGrad", entry<set_grad>},
      {"requiresGrad", entry<requires_grad>},
      {"setRequiresGrad", entry<set_requires_grad>},
      {"isLeaf", entry<is_leaf>},
      {"tensorVersion", entry<version>},
  };
}

}  // namespace binding
