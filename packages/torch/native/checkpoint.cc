#include "checkpoint.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include "errors.h"

namespace binding {

namespace {

using torch::autograd::variable_list;

struct CheckpointNode : torch::autograd::Node {
  std::shared_ptr<Program> program;
  std::vector<torch::autograd::SavedVariable> saved;  // inputs, then captures
  size_t given = 0;                                   // how many of them are inputs

  void release_variables() override {
    for (auto& variable : saved) variable.reset_data();
    saved.clear();
  }

  variable_list apply(variable_list&& gradients) override {
    TORCH_CHECK(!at::GradMode::is_enabled(), "a checkpoint can't be differentiated twice: call backward or grad without "
                                             "createGraph, or compute without checkpoint()");
    TORCH_CHECK(!saved.empty(), "backward a second time through a checkpoint whose graph is gone: pass retainGraph");
    variable_list leaves;
    for (const auto& variable : saved) {
      const at::Tensor original = variable.unpack(shared_from_this());
      leaves.push_back(original.detach());
      if (original.requires_grad()) leaves.back().requires_grad_(true);
    }
    const variable_list inputs(leaves.begin(), leaves.begin() + given);
    const variable_list captured(leaves.begin() + given, leaves.end());
    const variable_list outputs = program->run(inputs, captured, false);

    variable_list roots;
    variable_list root_gradients;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (!outputs[i].requires_grad() || !gradients[i].defined()) continue;
      roots.push_back(outputs[i]);
      root_gradients.push_back(gradients[i]);
    }
    variable_list wanted;
    for (size_t i = 0; i < leaves.size(); ++i) {
      if (task_should_compute_output(i) && leaves[i].requires_grad()) wanted.push_back(leaves[i]);
    }
    variable_list result(leaves.size());
    if (roots.empty() || wanted.empty()) return result;
    const variable_list found = torch::autograd::grad(roots, wanted, root_gradients, false, false, true);
    for (size_t i = 0, next = 0; i < leaves.size(); ++i) {
      if (task_should_compute_output(i) && leaves[i].requires_grad()) result[i] = found[next++];
    }
    return result;
  }
};

}  // namespace

std::vector<at::Tensor> tie_checkpoint(const std::shared_ptr<Program>& program, const std::vector<at::Tensor>& inputs,
                                       const std::vector<at::Tensor>& captured, const std::vector<at::Tensor>& outputs) {
  variable_list all = inputs;
  all.insert(all.end(), captured.begin(), captured.end());
  if (!at::GradMode::is_enabled() || !torch::autograd::compute_requires_grad(all)) return outputs;
  const auto node = std::shared_ptr<CheckpointNode>(new CheckpointNode(), torch::autograd::deleteNode);
  node->program = program;
  node->given = inputs.size();
  node->set_next_edges(torch::autograd::collect_next_edges(all));
  for (const at::Tensor& tensor : all) node->saved.emplace_back(tensor, false);
  std::vector<at::Tensor> tied;
  for (const at::Tensor& output : outputs) {
    tied.push_back(output.detach());
    if (torch::autograd::isDifferentiableType(output.scalar_type())) torch::autograd::set_history(tied.back(), node);
  }
  return tied;
}

std::vector<at::Tensor> run_checkpoint(const std::shared_ptr<Program>& program, const std::vector<at::Tensor>& inputs,
                                       const std::vector<at::Tensor>& captured) {
  return tie_checkpoint(program, inputs, captured, program->run(inputs, captured, true));
}

}  // namespace binding
