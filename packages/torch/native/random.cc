// Random generators: explicit, seeded, with a state that can be saved. Any device, through libtorch's own default
// generator of that device, cloned.

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <mutex>

#include "arguments.h"
#include "entry.h"

namespace binding {

namespace {

at::Generator& generator_at(Environment& environment, const Arguments& arguments, size_t index) {
  at::Generator* generator = environment.generators.find(arguments.handle(index));
  if (generator == nullptr) throw UseAfterFree("generator");
  return *generator;
}

uint64_t seed_at(const Arguments& arguments, size_t index) {
  const int64_t seed = arguments.integer(index);
  if (seed < 0) throw Misuse("a seed must be a safe integer ≥ 0, got " + std::to_string(seed));
  return static_cast<uint64_t>(seed);
}

// A position past the end of the stream's buffer, which libtorch would read.
void refuse_impossible_state(const at::Generator& generator) {
  if (generator.device().type() != c10::DeviceType::CPU) return;
  const at::mt19937_data_pod stream = at::check_generator<at::CPUGeneratorImpl>(generator)->engine().data();
  if (stream.left_ < 1 || static_cast<int64_t>(stream.left_) + stream.next_ > at::MERSENNE_STATE_N + 1) {
    throw Misuse("the state is none that getState() gave");
  }
}

// createGenerator(device, seed) => handle
napi_value create_generator(Environment& environment, const Arguments& arguments) {
  at::Generator generator = at::globalContext().defaultGenerator(device_of(arguments.integer(0))).clone();
  generator.set_current_seed(seed_at(arguments, 1));
  const Handle handle = environment.generators.insert(std::move(generator));
  if (handle == 0) throw Misuse("too many generators are alive. Dispose of them.");
  return to_js(environment.env, static_cast<double>(handle));
}

napi_value release_generator(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, environment.generators.erase(arguments.handle(0)));
}

// generatorState(generator) => handle of a uint8 tensor
napi_value generator_state(Environment& environment, const Arguments& arguments) {
  at::Generator& generator = generator_at(environment, arguments, 0);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return to_js(environment.env, static_cast<double>(environment.add(generator.get_state())));
}

// setGeneratorState(generator, state)
napi_value set_generator_state(Environment& environment, const Arguments& arguments) {
  at::Generator& generator = generator_at(environment, arguments, 0);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  at::Generator candidate = generator.clone();
  candidate.set_state(arguments.tensor(1, "state"));
  refuse_impossible_state(candidate);
  generator.set_state(arguments.tensor(1, "state"));
  return nullptr;
}

// manualSeed(device, seed): libtorch's default generator, for operators that take none
napi_value manual_seed(Environment&, const Arguments& arguments) {
  at::Generator generator = at::globalContext().defaultGenerator(device_of(arguments.integer(0)));
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(seed_at(arguments, 1));
  return nullptr;
}

}  // namespace

std::vector<Export> random_exports() {
  return {
      {"createGenerator", entry<create_generator>}, {"releaseGenerator", entry<release_generator>},
      {"generatorState", entry<generator_state>},   {"setGeneratorState", entry<set_generator_state>},
      {"manualSeed", entry<manual_seed>},
  };
}

}  // namespace binding
