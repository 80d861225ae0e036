// Tensors as JavaScript sees them: bytes in, bytes out, metadata, release.

#include <ATen/ATen.h>

#include <cstring>

#include "entry.h"
#include "program.h"

namespace binding {

namespace {

struct Bytes {
  uint8_t* data = nullptr;
  size_t size = 0;
};

Bytes bytes_of(Environment& environment, const Arguments& arguments, size_t index) {
  napi_typedarray_type type;
  Bytes bytes;
  void* data = nullptr;
  const napi_status status =
      napi_get_typedarray_info(environment.env, arguments.raw(index), &type, &bytes.size, &data, nullptr, nullptr);
  if (status != napi_ok || type != napi_uint8_array) throw Misuse("internal: expected a Uint8Array");
  bytes.data = static_cast<uint8_t*>(data);
  return bytes;
}

c10::ScalarType dtype_of(int64_t code) {
  if (code < 0 || code >= static_cast<int64_t>(c10::ScalarType::Undefined)) {
    throw Misuse("internal: no dtype has code " + std::to_string(code));
  }
  return static_cast<c10::ScalarType>(code);
}

void refuse_while_recording(Environment& environment, const char* what) {
  if (environment.recorder() != nullptr) {
    throw Misuse(std::string(what) +
                 " reads a tensor's values, which a recorded program can't depend on. Read them outside record() and "
                 "checkpoint(), or keep the computation in tensors.");
  }
}

// fromBytes(bytes: Uint8Array, shape, dtype) => handle of a new tensor on the CPU that owns a copy
napi_value from_bytes(Environment& environment, const Arguments& arguments) {
  const at::Tensor tensor =
      at::empty(arguments.integers(1), at::TensorOptions().dtype(dtype_of(arguments.integer(2))).device(at::kCPU));
  // After the shape, whose elements may be getters that detach the bytes.
  const Bytes bytes = bytes_of(environment, arguments, 0);
  if (tensor.nbytes() != bytes.size) {
    throw Misuse("internal: " + std::to_string(bytes.size) + " bytes for a tensor of " +
                 std::to_string(tensor.nbytes()));
  }
  if (bytes.size > 0) std::memcpy(tensor.data_ptr(), bytes.data, bytes.size);
  return to_js(environment.env, static_cast<double>(environment.add(tensor)));
}

// copyBytes(tensor, target: Uint8Array): the elements in row-major order, wherever the tensor lives
napi_value copy_bytes(Environment& environment, const Arguments& arguments) {
  refuse_while_recording(environment, "toTypedArray");
  const Bytes target = bytes_of(environment, arguments, 1);
  const at::Tensor source = arguments.tensor(0, "toTypedArray").detach().to(at::kCPU).contiguous();
  if (source.nbytes() != target.size) {
    throw Misuse("internal: " + std::to_string(target.size) + " bytes to hold a tensor of " +
                 std::to_string(source.nbytes()));
  }
  if (target.size > 0) std::memcpy(target.data, source.data_ptr(), target.size);
  return nullptr;
}

// share(tensor) => ArrayBuffer over the tensor's own memory. The buffer keeps the memory alive, so it may outlive the
// tensor and be transferred to another thread.
napi_value share(Environment& environment, const Arguments& arguments) {
  refuse_while_recording(environment, "asTypedArray");
  const at::Tensor& tensor = arguments.tensor(0, "asTypedArray");
  if (!tensor.device().is_cpu() || !tensor.is_contiguous()) {
    throw Misuse("asTypedArray() needs a contiguous tensor on the cpu. Call contiguous() or to('cpu') first.");
  }
  napi_value buffer = nullptr;
  if (tensor.nbytes() == 0) {
    void* nothing = nullptr;
    check(napi_create_arraybuffer(environment.env, 0, &nothing, &buffer), "making an ArrayBuffer");
    return buffer;
  }
  auto keeper = std::make_unique<c10::Storage>(tensor.storage());
  const auto drop = [](napi_env, void*, void* hint) { delete static_cast<c10::Storage*>(hint); };
  check(napi_create_external_arraybuffer(environment.env, tensor.data_ptr(), tensor.nbytes(), drop, keeper.get(),
                                         &buffer),
        "sharing a tensor's memory");
  keeper.release();
  return buffer;
}

napi_value shape(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, arguments.tensor(0, "shape").sizes().vec());
}

napi_value strides(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, arguments.tensor(0, "strides").strides().vec());
}

napi_value dtype(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, static_cast<double>(arguments.tensor(0, "dtype").scalar_type()));
}

// device(tensor) => type · 256 + index + 1, the coding of arguments.h
napi_value device(Environment& environment, const Arguments& arguments) {
  const c10::Device device = arguments.tensor(0, "device").device();
  return to_js(environment.env, static_cast<double>(static_cast<int>(device.type()) * 256 + device.index() + 1));
}

napi_value release(Environment& environment, const Arguments& arguments) {
  return to_js(environment.env, environment.release(arguments.handle(0)));
}

// releaseMany(count): the first `count` numbers of the shared array are handles
napi_value release_many(Environment& environment, const Arguments& arguments) {
  const int64_t count = arguments.integer(0);
  if (count < 0 || static_cast<size_t>(count) > environment.scratch_length) throw Misuse("internal: bad count");
  for (int64_t i = 0; i < count; ++i) {
    environment.release(to_handle(environment.scratch[i]));
  }
  return nullptr;
}

napi_value live_tensors(Environment& environment, const Arguments&) {
  return to_js(environment.env, static_cast<double>(environment.live_tensors()));
}

}  // namespace

std::vector<Export> tensor_exports() {
  return {
      {"fromBytes", entry<from_bytes>},
      {"copyBytes", entry<copy_bytes>},
      {"share", entry<share>},
      {"shape", entry<shape>},
      {"strides", entry<strides>},
      {"dtype", entry<dtype>},
      {"device", entry<device>},
      {"release", entry<release>},
      {"releaseMany", entry<release_many>},
      {"liveTensors", entry<live_tensors>},
  };
}

}  // namespace binding
