// Random generators: explicit, seeded, with a state that can be saved. Any device, through libtorch's own default
// generator of that device, cloned.

#include <ATen/ATen.h>

#include <mutex>

#include "entry.h"

namespace binding {

namespace {

at::Generator& generator_at(Environment& environment, const Arguments& arguments, size_t index) {
  at::Generator* generator = environment.generators.find(static_cast<Handle>(arguments.integer(index)));
  if (generator == nullptr) throw UseAfterFree("generator");
  return *generator;
}

uint64_t seed_at(const Arguments& arguments, size_t index) {
  const int64_t seed = arguments.integer(index);
  if (seed < 0) throw Misuse("a seed must be a safe integer ≥ 0, got " + std::to_string(seed));
  return static_cast<uint64_t>(seed);
}

c10::Device device_at(const Arguments& arguments, size_t index) {
  const int64_t code = arguments.integer(index);
  if (code < 0 || code > 0xffff) throw Misuse("internal: no device has code " + std::to_string(code));
  return c10::Device(static_cast<c10::DeviceType>(code / 256), static_cast<c10::DeviceIndex>(code % 256 - 1));
}

// createGenerator(device, seed) => handle
napi_value create_generator(Environment& environment, const Arguments& arguments) {
  at::Generator generator = at::globalContext().defaultGenerator(device_at(arguments, 0)).clone();
  generator.set_current_seed(seed_at(arguments, 1));
  const Handle handle = environment.generators.insert(std::move(generator));
  if (handle == 0) throw Misuse("too many generators are alive. Dispose of them.");
  return to_js(environment.env, static_cast<double>(handle));
}

napi_value release_generator(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, environment.generators.erase(static_cast<Handle>(arguments.integer(0))));
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
  generator.set_state(arguments.tensor(1, "state"));
  return nullptr;
}

// manualSeed(device, seed): libtorch's default generator, for operators that take none
napi_value manual_seed(Environment&, const Arguments& arguments) {
  at::Generator generator = at::globalContext().defaultGenerator(device_at(arguments, 0));
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(seed_at(arguments, 1));
  return nullptr;
}

}  // namespace

std::vector<Export> random_exports() {
  return {
      {"createGenerator", entry<create_generator>},
      {"releaseGenerator", entry<release_generator>},
      {"generatorState", entry<generator_state>},
      {"setGeneratorState", entry<set_generator_state>},
      {"manualSeed", entry<manual_seed>},
  };
}

}  // namespace binding
