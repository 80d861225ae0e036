// A recorded sequence of operator calls that replays natively, without JavaScript between the operators.
//
// A Recorder watches the calls of one JavaScript thread and writes them as instructions over registers: the inputs, the
// tensors captured from outside (weights, constants), and every result. Replaying fills the input registers and runs
// the list. Two things make a replay cheaper than the calls it replaces: nothing crosses the border, and outputs of
// operators that have an out= form are written into buffers that earlier replays left behind.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "operators.h"

namespace binding {

using Register = int32_t;
constexpr Register kNoRegister = -1;

// Where registers go in an operator's stack: one tensor, or a list of them.
struct Hole {
  size_t position;
  bool list;
  bool optional_elements;
  size_t first;  // into Instruction::inputs
  size_t count;
};

enum class InstructionKind : uint8_t { Call, Backward, Grad, ReadGrad, WriteGrad, RequireGrad, Checkpoint };

struct Instruction {
  InstructionKind kind = InstructionKind::Call;
  bool grad_enabled = true;
  bool autograd = true;  // false: nothing here needs a gradient, the autograd layer is skipped
  std::vector<Register> inputs;
  std::vector<Register> outputs;
  std::vector<Register> dying;  // not read after this instruction

  // Call
  std::string name;
  std::optional<c10::OperatorHandle> op;
  Guard guard = nullptr;
  c10::Stack stack;  // with holes
  std::vector<Hole> holes;
  std::optional<c10::OperatorHandle> out_variant;  // present: the output may be written into a used buffer
  // Backward, Grad: inputs are outputs_count roots, their gradients (or none), then what to differentiate by
  size_t roots = 0;
  bool retain_graph = false;
  bool create_graph = false;
  bool flag = false;  // Grad: unused inputs are allowed; RequireGrad: the new value
  // Checkpoint
  std::shared_ptr<class Program> program;
};

class Program : public std::enable_shared_from_this<Program> {
 public:
  // Inputs must look as they did when the program was recorded. Throws Misuse where they don't.
  void check_inputs(const std::vector<at::Tensor>& inputs) const;

  // `captured` replaces the recorded captures: recomputation passes leaves of its own.
  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs);
  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs, const std::vector<at::Tensor>& captured,
                              bool without_grad);

  const std::vector<at::Tensor>& captured() const { return captured_; }
  size_t instructions() const { return instructions_.size(); }
  size_t reusing() const;  // how many instructions write into used buffers

 private:
  friend class Recorder;
  struct InputSpec {
    std::vector<int64_t> sizes;
    c10::ScalarType dtype;
    c10::Device device;
    bool requires_grad;
  };
  using Registers = std::vector<at::Tensor>;

  void execute(const Instruction& instruction, Registers& registers, bool without_grad);
  void execute_call(const Instruction& instruction, Registers& registers);
  void release(Register dying, Registers& registers);
  static void fill(Register target, at::Tensor tensor, Registers& registers);

  std::vector<InputSpec> inputs_;
  std::vector<at::Tensor> captured_;
  std::vector<Register> capture_registers_;
  std::vector<Instruction> instructions_;
  std::vector<Register> outputs_;
  std::vector<int32_t> buffer_kind_;  // per register: which pool its tensor may go to, or -1
  std::vector<std::vector<at::Tensor>> pools_;
  std::mutex running_;
  c10::Stack stack_;
};

class Recorder {
 public:
  // Checkpoints run their calls without building a graph, whatever the grad mode: it is rebuilt from the program.
  Recorder(const std::vector<at::Tensor>& inputs, bool checkpoint);

  // Runs the operator and writes it down. On return the stack holds the results.
  void call(const Operator& op, c10::Stack& stack);
  // Writes down what has been done to `inputs` to give `outputs`.
  void append(Instruction instruction, const std::vector<at::Tensor>& inputs, const std::vector<at::Tensor>& outputs);

  std::shared_ptr<Program> finish(const std::vector<at::Tensor>& outputs);
  bool is_checkpoint() const { return checkpoint_; }
  bool is_captured_or_input(const at::Tensor& tensor) const;

 private:
  Register register_of(const at::Tensor& tensor);
  Register define(const at::Tensor& tensor);
  bool is_input(const at::Tensor& tensor) const;
  bool is_view_of_captured(const c10::Stack& arguments, const c10::Stack& results) const;
  void punch_holes(Instruction& instruction);
  void plan_reuse(Instruction& instruction, const Operator& op, const at::Tensor& output);
  int32_t buffer_pool(const at::Tensor& tensor);
  void refuse_write_outside(const Operator& op, const c10::Stack& stack) const;

  bool checkpoint_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
  std::vector<at::Tensor> buffers_;  // one without memory per pool: what its tensors look like
  std::vector<bool> from_outside_;   // per register: an input or a capture, not a result
  std::unordered_map<const c10::TensorImpl*, Register> registers_;
  std::vector<c10::weak_intrusive_ptr<c10::TensorImpl>> pinned_;  // an address is not reused while it is in the map
};

}  // namespace binding
