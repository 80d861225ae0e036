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
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "a checkpoint can't be differentiated twice: call backward or grad without "
                "createGraph, or compute without checkpoint()");
    TORCH_CHECK(!saved.empty(), "backward a second time through a checkpoint whose graph is gone: pass retainGraph");
    variable_list leaves;
    for (const auto& variable : saved) {
      const at::Tensor original = variable.unpack();
      leaves.push_back(original.detach());
      if (original.requires_grad()) leaves.back().requires_grad_(true);
    }
    const variable_list inputs(leaves.begin(), leaves.begin() + given);
    const variable_list captured(leaves.begin() + given, leaves.end());
    const variable_list outputs = program->run(inputs, captured, false);

    variable_list roots;
    variable_list root_gradients;
    auto gradient = gradients.begin();  // one for each output that was tied
    for (const at::Tensor& output : outputs) {
      if (!torch::autograd::isDifferentiableType(output.scalar_type())) continue;
      if (output.requires_grad() && gradient->defined()) {
        roots.push_back(output);
        root_gradients.push_back(*gradient);
      }
      ++gradient;
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

// libtorch holds nodes by std::shared_ptr up to some 2.x, by an intrusive pointer since.
using NodePointer = std::decay_t<decltype(std::declval<const at::Tensor>().grad_fn())>;

template <typename Pointer, typename T>
Pointer own_node(T*& node) {
  if constexpr (std::is_same_v<Pointer, std::shared_ptr<torch::autograd::Node>>) {
    // Found by the argument's type: newer libraries have no such function. It frees deep graphs without recursion.
    Pointer owner(node = new T(), [](T* dying) { deleteNode(dying); });
    return owner;
  } else {
    auto owner = c10::make_intrusive<T>();
    node = owner.get();
    return owner;
  }
}

}  // namespace

std::vector<at::Tensor> tie_checkpoint(const std::shared_ptr<Program>& program, const std::vector<at::Tensor>& inputs,
                                       const std::vector<at::Tensor>& captured,
                                       const std::vector<at::Tensor>& outputs) {
  variable_list all = inputs;
  all.insert(all.end(), captured.begin(), captured.end());
  if (!at::GradMode::is_enabled() || !torch::autograd::compute_requires_grad(all)) return outputs;
  CheckpointNode* node = nullptr;
  const NodePointer owner = own_node<NodePointer>(node);
  node->program = program;
  node->given = inputs.size();
  node->set_next_edges(torch::autograd::collect_next_edges(all));
  for (const at::Tensor& tensor : all) node->saved.emplace_back(tensor, false);
  std::vector<at::Tensor> tied;
  for (const at::Tensor& output : outputs) {
    tied.push_back(output.detach());
    if (torch::autograd::isDifferentiableType(output.scalar_type())) torch::autograd::set_history(tied.back(), owner);
  }
  return tied;
}

std::vector<at::Tensor> run_checkpoint(const std::shared_ptr<Program>& program, const std::vector<at::Tensor>& inputs,
                                       const std::vector<at::Tensor>& captured) {
  return tie_checkpoint(program, inputs, captured, program->run(inputs, captured, true));
}

}  // namespace binding
