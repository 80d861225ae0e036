// Recording, replaying and checkpointing, as JavaScript calls them.

#include <algorithm>

#include "checkpoint.h"
#include "entry.h"
#include "executor.h"
#include "program.h"

namespace binding {

namespace {

std::shared_ptr<Program> program_at(Environment& environment, const Arguments& arguments, size_t index) {
  std::shared_ptr<Program>* found = environment.programs.find(arguments.handle(index));
  if (found == nullptr) throw UseAfterFree("program");
  return *found;
}

std::unique_ptr<Recorder> take_recorder(Environment& environment, bool checkpoint) {
  if (environment.recorders.empty() || environment.recorders.back()->is_checkpoint() != checkpoint) {
    throw Misuse("internal: no such recording is under way");
  }
  std::unique_ptr<Recorder> recorder = std::move(environment.recorders.back());
  environment.recorders.pop_back();
  return recorder;
}

// recordBegin(inputs, checkpoint)
napi_value record_begin(Environment& environment, const Arguments& arguments) {
  const bool checkpoint = arguments.boolean(1);
  if (!checkpoint && environment.recorder() != nullptr) {
    throw Misuse("record() inside record() or checkpoint() is not possible. Record the inner part on its own.");
  }
  auto inputs = arguments.tensors(0, "inputs");
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (inputs[i].is_same(inputs[j]))
        throw Misuse("inputs " + std::to_string(j) + " and " + std::to_string(i) +
                     " are the same tensor. Pass it once.");
    }
  }
  environment.recorders.push_back(std::make_unique<Recorder>(inputs, checkpoint));
  return nullptr;
}

// recordAbort(): forgets the innermost recording
napi_value record_abort(Environment& environment, const Arguments&) {
  if (!environment.recorders.empty()) environment.recorders.pop_back();
  return nullptr;
}

// recordEnd(outputs) => the program's handle
napi_value record_end(Environment& environment, const Arguments& arguments) {
  const auto outputs = arguments.tensors(0, "outputs");
  const Handle handle = environment.programs.insert(take_recorder(environment, false)->finish(outputs));
  if (handle == 0) throw Misuse("too many programs are alive. Dispose of them.");
  return to_js(environment.env, static_cast<double>(handle));
}

// checkpointEnd(inputs, outputs) => handles of the outputs, tied to the program that rebuilds their graph
napi_value checkpoint_end(Environment& environment, const Arguments& arguments) {
  const auto inputs = arguments.tensors(0, "inputs");
  const auto outputs = arguments.tensors(1, "outputs");
  const std::shared_ptr<Program> program = take_recorder(environment, true)->finish(outputs);
  auto tied = tie_checkpoint(program, inputs, program->captured(), outputs);
  if (Recorder* outer = environment.recorder()) {
    Instruction instruction;
    instruction.kind = InstructionKind::Checkpoint;
    instruction.program = program;
    std::vector<at::Tensor> all = inputs;
    all.insert(all.end(), program->captured().begin(), program->captured().end());
    outer->append(std::move(instruction), all, tied);
  }
  return to_js_handles(environment, std::move(tied));
}

// programRunSync(program, inputs) => handles of the outputs
napi_value program_run_sync(Environment& environment, const Arguments& arguments) {
  if (environment.recorder() != nullptr) throw Misuse("a program can't run inside record() or checkpoint()");
  const auto program = program_at(environment, arguments, 0);
  return to_js_handles(environment, program->run(arguments.tensors(1, "inputs")));
}

// programRun(program, inputs) => a promise of the outputs' handles; the work is done on the executor's thread
napi_value program_run(Environment& environment, const Arguments& arguments) {
  struct State {
    std::shared_ptr<Program> program;
    std::vector<at::Tensor> inputs;
    std::vector<at::Tensor> outputs;
    std::optional<Failure> failure;
    napi_deferred deferred = nullptr;
  };
  auto state = std::make_shared<State>();
  state->program = program_at(environment, arguments, 0);
  state->inputs = arguments.tensors(1, "inputs");
  state->program->check_inputs(state->inputs);
  napi_value promise = nullptr;
  check(napi_create_promise(environment.env, &state->deferred, &promise), "making a promise");
  environment.executor().submit({
      [state] {
        try {
          state->outputs = state->program->run(state->inputs);
        } catch (...) {
          state->failure = describe_current_exception();
        }
        state->inputs.clear();
      },
      [state, &environment](napi_env env) {
        napi_handle_scope scope = nullptr;
        napi_open_handle_scope(env, &scope);
        try {
          if (state->failure.has_value()) {
            napi_reject_deferred(env, state->deferred, make_error(environment, *state->failure, "program", ""));
          } else {
            napi_resolve_deferred(env, state->deferred, to_js_handles(environment, std::move(state->outputs)));
          }
        } catch (...) {
          napi_reject_deferred(env, state->deferred,
                               make_error(environment, describe_current_exception(), "program", ""));
        }
        napi_close_handle_scope(env, scope);
      },
  });
  return promise;
}

// programFacts(program) => [instructions, instructions that write into used buffers, captured tensors]
napi_value program_facts(Environment& environment, const Arguments& arguments) {
  const auto program = program_at(environment, arguments, 0);
  return to_js(environment.env, std::vector<int64_t>{static_cast<int64_t>(program->instructions()),
                                                     static_cast<int64_t>(program->reusing()),
                                                     static_cast<int64_t>(program->captured().size())});
}

napi_value release_program(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, environment.programs.erase(arguments.handle(0)));
}

}  // namespace

std::vector<Export> program_exports() {
  return {
      {"recordBegin", entry<record_begin>},   {"recordAbort", entry<record_abort>},
      {"recordEnd", entry<record_end>},       {"checkpointEnd", entry<checkpoint_end>},
      {"programRun", entry<program_run>},     {"programRunSync", entry<program_run_sync>},
      {"programFacts", entry<program_facts>}, {"releaseProgram", entry<release_program>},
  };
}

}  // namespace binding
