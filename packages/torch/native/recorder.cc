#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>

#include "errors.h"
#include "program.h"

namespace binding {

namespace {

std::vector<at::Tensor> tensors_in(const c10::IValue& value) {
  if (value.isTensor()) return {value.toTensor()};
  if (value.isTensorList()) return value.toTensorVector();
  std::vector<at::Tensor> tensors;
  if (!value.isList()) return tensors;
  const auto list = value.toList();
  if (list.elementType()->kind() != c10::TypeKind::OptionalType) return tensors;
  for (size_t i = 0; i < list.size(); ++i) {
    const c10::IValue element = list.get(i);
    tensors.push_back(element.isTensor() ? element.toTensor() : at::Tensor());
  }
  return tensors;
}

bool is_optional_tensor_list(const c10::IValue& value) {
  return value.isList() && !value.isTensorList() && value.toListRef().size() > 0 &&
         value.toList().elementType()->kind() == c10::TypeKind::OptionalType;
}

// The overload that takes the same arguments and then one `Tensor(a!) out`.
std::optional<c10::OperatorHandle> find_out_variant(const Operator& op) {
  const c10::FunctionSchema& schema = op.handle.schema();
  auto& dispatcher = c10::Dispatcher::singleton();
  const std::string& overload = schema.overload_name();
  for (const std::string& name : {overload.empty() ? std::string("out") : overload + "_out", std::string("out")}) {
    const auto found = dispatcher.findSchema({schema.name(), name});
    if (!found.has_value()) continue;
    const auto& arguments = found->schema().arguments();
    const auto& own = schema.arguments();
    if (arguments.size() != own.size() + 1 || found->schema().returns().size() != 1) continue;
    bool same = true;
    for (size_t i = 0; i < own.size(); ++i) {
      same = same && arguments[i].name() == own[i].name() && *arguments[i].type() == *own[i].type();
    }
    if (same && arguments.back().is_out()) return *found;
  }
  return std::nullopt;
}

}  // namespace

Recorder::Recorder(const std::vector<at::Tensor>& inputs, bool checkpoint) : checkpoint_(checkpoint) {
  for (const at::Tensor& input : inputs) {
    define(input);
    from_outside_.back() = true;
    program_->inputs_.push_back({input.sizes().vec(), input.scalar_type(), input.device(), input.requires_grad()});
  }
}

Register Recorder::define(const at::Tensor& tensor) {
  if (!tensor.defined()) return kNoRegister;
  const Register fresh = static_cast<Register>(program_->buffer_kind_.size());
  program_->buffer_kind_.push_back(-1);
  from_outside_.push_back(false);
  registers_[tensor.unsafeGetTensorImpl()] = fresh;
  pinned_.emplace_back(tensor.getIntrusivePtr());
  return fresh;
}

Register Recorder::register_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return kNoRegister;
  const auto known = registers_.find(tensor.unsafeGetTensorImpl());
  if (known != registers_.end()) return known->second;
  const Register fresh = define(tensor);
  from_outside_[fresh] = true;
  program_->captured_.push_back(tensor);
  program_->capture_registers_.push_back(fresh);
  return fresh;
}

bool Recorder::is_captured_or_input(const at::Tensor& tensor) const {
  const auto known = registers_.find(tensor.unsafeGetTensorImpl());
  return known == registers_.end() || from_outside_[known->second];
}

bool Recorder::is_input(const at::Tensor& tensor) const {
  const auto known = registers_.find(tensor.unsafeGetTensorImpl());
  return known != registers_.end() && static_cast<size_t>(known->second) < program_->inputs_.size();
}

// A view of a capture is a capture, made when something reads it: it is there before a replay begins, and sees what is
// written meanwhile.
bool Recorder::is_view_of_captured(const c10::Stack& arguments, const c10::Stack& results) const {
  if (results.size() != 1 || !results[0].isTensor() || !results[0].toTensor().defined()) return false;
  bool is_view = false;
  for (const c10::IValue& argument : arguments) {
    for (const at::Tensor& tensor : tensors_in(argument)) {
      if (!tensor.defined() || !is_captured_or_input(tensor) || is_input(tensor)) return false;
      is_view |= results[0].toTensor().is_alias_of(tensor);
    }
  }
  return is_view;
}

void Recorder::refuse_write_outside(const Operator& op, const c10::Stack& stack) const {
  const auto& arguments = op.handle.schema().arguments();
  for (size_t i = 0; i < arguments.size(); ++i) {
    const c10::AliasInfo* alias = arguments[i].alias_info();
    if (alias == nullptr || !alias->isWrite()) continue;
    for (const at::Tensor& tensor : tensors_in(stack[i])) {
      if (tensor.defined() && is_captured_or_input(tensor)) {
        throw Misuse(op.name +
                     " writes to a tensor made outside the checkpoint, and would do so again in the backward "
                     "pass. Write outside the checkpoint, or use an operator that returns a new tensor.");
      }
    }
  }
}

void Recorder::punch_holes(Instruction& instruction) {
  for (size_t i = 0; i < instruction.stack.size(); ++i) {
    c10::IValue& value = instruction.stack[i];
    const bool optional_elements = is_optional_tensor_list(value);
    const bool list = value.isTensorList() || optional_elements;
    if (!list && !value.isTensor()) continue;
    const std::vector<at::Tensor> tensors = tensors_in(value);
    instruction.holes.push_back({i, list, optional_elements, instruction.inputs.size(), tensors.size()});
    for (const at::Tensor& tensor : tensors) instruction.inputs.push_back(register_of(tensor));
    value = c10::IValue();
  }
}

void Recorder::plan_reuse(Instruction& instruction, const Operator& op, const at::Tensor& output) {
  // A buffer may be written again only if it is the operator's own fresh memory and no graph refers to it.
  if (checkpoint_ || instruction.autograd || instruction.outputs.size() != 1 || !output.defined()) return;
  if (output.requires_grad() || !output.is_contiguous() || output.storage().use_count() != 1) return;
  instruction.out_variant = find_out_variant(op);
  if (!instruction.out_variant.has_value()) return;
  program_->buffer_kind_[instruction.outputs[0]] = buffer_pool(output);
}

int32_t Recorder::buffer_pool(const at::Tensor& tensor) {
  for (size_t i = 0; i < buffers_.size(); ++i) {
    if (buffers_[i].dtype() == tensor.dtype() && buffers_[i].device() == tensor.device() &&
        buffers_[i].sizes() == tensor.sizes()) {
      return static_cast<int32_t>(i);
    }
  }
  buffers_.push_back(at::empty(tensor.sizes(), tensor.options().device(at::kMeta)));
  program_->pools_.emplace_back();
  return static_cast<int32_t>(buffers_.size() - 1);
}

void Recorder::call(const Operator& op, c10::Stack& stack) {
  Instruction instruction;
  instruction.name = op.name;
  instruction.op = op.handle;
  instruction.guard = op.guard;
  instruction.grad_enabled = at::GradMode::is_enabled();
  if (checkpoint_) {
    refuse_write_outside(op, stack);
    if (op.draws_randomness) {
      throw Misuse(op.name +
                   " draws random numbers, which a checkpoint would draw anew in the backward pass. Draw them "
                   "before the checkpoint and pass them in.");
    }
  }
  bool requires_grad = false;
  for (const c10::IValue& value : stack) {
    for (const at::Tensor& tensor : tensors_in(value)) requires_grad |= tensor.defined() && tensor.requires_grad();
  }
  instruction.autograd = instruction.grad_enabled && (requires_grad || checkpoint_);
  instruction.stack = stack;

  {
    at::AutoGradMode grad_mode(instruction.grad_enabled && !checkpoint_);
    op.handle.callBoxed(&stack);
  }
  if (!checkpoint_ && !op.in_place && !instruction.autograd && is_view_of_captured(instruction.stack, stack)) return;
  punch_holes(instruction);
  std::vector<at::Tensor> results;
  if (!op.in_place) {
    for (const c10::IValue& value : stack) {
      for (const at::Tensor& tensor : tensors_in(value)) results.push_back(tensor);
    }
  }
  for (const at::Tensor& result : results) instruction.outputs.push_back(define(result));
  if (results.size() == 1) {
    const at::Tensor output = std::move(results[0]);
    results.clear();
    stack[0] = c10::IValue();  // the stack's reference would hide that the tensor owns its memory alone
    plan_reuse(instruction, op, output);
    stack[0] = output;
  }
  program_->instructions_.push_back(std::move(instruction));
}

void Recorder::append(Instruction instruction, const std::vector<at::Tensor>& inputs,
                      const std::vector<at::Tensor>& outputs) {
  if (checkpoint_ && instruction.kind != InstructionKind::Checkpoint) {
    throw Misuse("gradients can't be computed, read or requested inside a checkpoint. Do it outside.");
  }
  instruction.grad_enabled = at::GradMode::is_enabled();
  for (const at::Tensor& input : inputs) instruction.inputs.push_back(register_of(input));
  for (const at::Tensor& output : outputs) instruction.outputs.push_back(define(output));
  program_->instructions_.push_back(std::move(instruction));
}

std::shared_ptr<Program> Recorder::finish(const std::vector<at::Tensor>& outputs) {
  for (const at::Tensor& output : outputs) program_->outputs_.push_back(register_of(output));
  std::vector<bool> alive(program_->buffer_kind_.size(), false);
  for (const Register output : program_->outputs_) {
    if (output != kNoRegister) alive[output] = true;
  }
  for (auto instruction = program_->instructions_.rbegin(); instruction != program_->instructions_.rend();
       ++instruction) {
    for (const auto* list : {&instruction->outputs, &instruction->inputs}) {
      for (const Register used : *list) {
        if (used == kNoRegister || alive[used]) continue;
        alive[used] = true;
        instruction->dying.push_back(used);
      }
    }
  }
  return std::move(program_);
}

}  // namespace binding
