// Reading operator arguments from the shared array in which JavaScript wrote them, as numbers.
//
//   Tensor        handle                     Scalar      tag, value (1 int, 2 double, 3 bool, 4 int64 as raw bits)
//   int, float    value                      ScalarType  libtorch's own code
//   bool          0 or 1                     Device      type · 256 + index + 1
//   str           number of an interned one  Generator   handle
//   T[]           count, then the elements   T?          0, or 1 and then the value; a Tensor? is just 0 or a handle
#pragma once

#include <ATen/core/ivalue.h>

#include "environment.h"
#include "operators.h"

namespace binding {

// Throws Misuse for a code that names no device known here.
c10::Device device_of(int64_t code);

class ArgumentReader {
 public:
  ArgumentReader(Environment& environment, size_t length);

  c10::IValue read(const Parameter& parameter);
  int64_t integer(const char* what);
  const at::Tensor& tensor(const char* what);
  std::vector<at::Tensor> tensors(const char* what);
  size_t count(const char* what);
  void expect_end() const;

 private:
  double next(const char* what);
  c10::IValue read_element(Base base, const char* what);
  c10::IValue read_list(const Parameter& parameter);
  at::Scalar scalar(const char* what);

  Environment& environment_;
  size_t at_ = 0;
  size_t length_;
};

// "[2, 3], [3]": the shapes of the tensors among an operator's arguments, for error messages.
std::string argument_shapes(Environment& environment, const Operator& op, size_t length);

}  // namespace binding
