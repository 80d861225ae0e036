#include "program.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <sstream>

#include "checkpoint.h"
#include "errors.h"

namespace binding {

namespace {

bool is_sole_owner(const at::Tensor& tensor) {
  return tensor.use_count() == 1 && tensor.has_storage() && tensor.storage().use_count() == 1;
}

std::vector<at::Tensor> gather(const std::vector<at::Tensor>& registers, const Register* first, size_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (size_t i = 0; i < count; ++i) tensors.push_back(first[i] == kNoRegister ? at::Tensor() : registers[first[i]]);
  return tensors;
}

}  // namespace

void Program::check_inputs(const std::vector<at::Tensor>& inputs) const {
  if (inputs.size() != inputs_.size()) {
    throw Misuse("this program takes " + std::to_string(inputs_.size()) + " inputs, got " +
                 std::to_string(inputs.size()));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const InputSpec& expected = inputs_[i];
    const at::Tensor& got = inputs[i];
    if (got.sizes() == c10::IntArrayRef(expected.sizes) && got.scalar_type() == expected.dtype &&
        got.device() == expected.device && got.requires_grad() == expected.requires_grad) {
      continue;
    }
    std::ostringstream text;
    const auto show = [&text](c10::IntArrayRef sizes, c10::ScalarType dtype, const c10::Device& device, bool grad) {
      text << sizes << " " << c10::toString(dtype) << " on " << device << (grad ? " requiring grad" : "");
    };
    text << "input " << i << " of this program was recorded as ";
    show(expected.sizes, expected.dtype, expected.device, expected.requires_grad);
    text << ", got ";
    show(got.sizes(), got.scalar_type(), got.device(), got.requires_grad());
    text << ". Record another program for it.";
    throw Misuse(text.str());
  }
}

std::vector<at::Tensor> Program::run(const std::vector<at::Tensor>& inputs) {
  check_inputs(inputs);
  return run(inputs, captured_, false);
}

std::vector<at::Tensor> Program::run(const std::vector<at::Tensor>& inputs, const std::vector<at::Tensor>& captured,
                                     bool without_grad) {
  const std::lock_guard<std::mutex> lock(running_);
  Registers registers(buffer_kind_.size());
  for (size_t i = 0; i < inputs.size(); ++i) registers[i] = inputs[i];
  for (size_t i = 0; i < captured.size(); ++i) registers[capture_registers_[i]] = captured[i];
  for (const Instruction& instruction : instructions_) {
    execute(instruction, registers, without_grad);
    for (const Register dying : instruction.dying) release(dying, registers);
  }
  return gather(registers, outputs_.data(), outputs_.size());
}

size_t Program::reusing() const {
  size_t count = 0;
  for (const Instruction& instruction : instructions_) count += instruction.out_variant.has_value() ? 1 : 0;
  return count;
}

void Program::release(Register dying, Registers& registers) {
  at::Tensor& tensor = registers[dying];
  const int32_t kind = buffer_kind_[dying];
  if (kind >= 0 && tensor.defined() && is_sole_owner(tensor)) pools_[kind].push_back(std::move(tensor));
  tensor.reset();
}

// A gradient may be there in one run and missing in another: operators don't survive what is missing.
void Program::fill(Register target, at::Tensor tensor, Registers& registers) {
  if (target == kNoRegister) return;
  if (!tensor.defined()) throw Misuse("a gradient that this program reads is not there, unlike when it was recorded");
  registers[target] = std::move(tensor);
}

void Program::execute(const Instruction& instruction, Registers& registers, bool without_grad) {
  at::AutoGradMode grad_mode(instruction.grad_enabled && !without_grad);
  const auto inputs = [&](size_t first, size_t count) {
    return gather(registers, instruction.inputs.data() + first, count);
  };
  switch (instruction.kind) {
    case InstructionKind::Call:
      return execute_call(instruction, registers);
    case InstructionKind::Backward:
      return torch::autograd::backward(inputs(0, instruction.roots), inputs(instruction.roots, instruction.roots),
                                       instruction.retain_graph, instruction.create_graph);
    case InstructionKind::Grad: {
      const size_t first = 2 * instruction.roots;
      const auto gradients =
          torch::autograd::grad(inputs(0, instruction.roots), inputs(first, instruction.inputs.size() - first),
                                inputs(instruction.roots, instruction.roots), instruction.retain_graph,
                                instruction.create_graph, instruction.flag);
      for (size_t i = 0; i < gradients.size(); ++i) fill(instruction.outputs[i], gradients[i], registers);
      return;
    }
    case InstructionKind::ReadGrad:
      fill(instruction.outputs[0], registers[instruction.inputs[0]].grad(), registers);
      return;
    case InstructionKind::WriteGrad:
      registers[instruction.inputs[0]].mutable_grad() =
          instruction.inputs[1] == kNoRegister ? at::Tensor() : registers[instruction.inputs[1]];
      return;
    case InstructionKind::RequireGrad:
      registers[instruction.inputs[0]].requires_grad_(instruction.flag);
      return;
    case InstructionKind::Checkpoint: {
      const size_t captured = instruction.program->captured().size();
      const size_t given = instruction.inputs.size() - captured;
      const auto outputs = run_checkpoint(instruction.program, inputs(0, given), inputs(given, captured));
      for (size_t i = 0; i < outputs.size(); ++i) fill(instruction.outputs[i], outputs[i], registers);
      return;
    }
  }
}

void Program::execute_call(const Instruction& instruction, Registers& registers) {
  c10::Stack stack = std::move(stack_);
  stack.assign(instruction.stack.begin(), instruction.stack.end());
  for (const Hole& hole : instruction.holes) {
    const Register* first = instruction.inputs.data() + hole.first;
    if (!hole.list) {
      stack[hole.position] = registers[*first];
    } else if (!hole.optional_elements) {
      stack[hole.position] = gather(registers, first, hole.count);
    } else {
      c10::impl::GenericList list(c10::OptionalType::create(c10::TensorType::get()));
      for (size_t i = 0; i < hole.count; ++i) {
        list.push_back(first[i] == kNoRegister ? c10::IValue() : c10::IValue(registers[first[i]]));
      }
      stack[hole.position] = std::move(list);
    }
  }

  if (instruction.guard != nullptr) instruction.guard(stack);
  const c10::OperatorHandle* op = &*instruction.op;
  if (instruction.out_variant.has_value()) {
    auto& pool = pools_[buffer_kind_[instruction.outputs[0]]];
    if (!pool.empty()) {
      stack.emplace_back(std::move(pool.back()));
      pool.pop_back();
      op = &*instruction.out_variant;
    }
  }
  if (instruction.autograd) {
    op->callBoxed(&stack);
  } else {
    at::AutoDispatchBelowAutograd below_autograd;
    op->callBoxed(&stack);
  }

  size_t next = 0;
  for (c10::IValue& value : stack) {
    if (next == instruction.outputs.size()) break;
    if (value.isTensorList()) {
      const std::vector<at::Tensor> list = value.toTensorVector();
      if (list.size() != instruction.outputs.size()) {
        throw Misuse(instruction.name + " gave " + std::to_string(instruction.outputs.size()) +
                     " tensors when recorded, now " + std::to_string(list.size()) +
                     ". A program can't hold a list whose length depends on values.");
      }
      for (const at::Tensor& tensor : list) fill(instruction.outputs[next++], tensor, registers);
    } else if (value.isTensor()) {
      const Register output = instruction.outputs[next++];
      if (output != kNoRegister) registers[output] = std::move(value).toTensor();
    }
  }
  stack.clear();
  stack_ = std::move(stack);
}

}  // namespace binding
