// Operators of libtorch, found by name at run time and described by their own schemas.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <string>
#include <vector>

#include "guards.h"

namespace binding {

enum class Base : uint8_t {
  Tensor,
  Int,
  Float,
  Bool,
  Scalar,
  ScalarType,
  Layout,
  MemoryFormat,
  Device,
  String,
  Generator,
};

// `Tensor?[]?` is a list of optional elements that is itself optional.
struct ArgumentKind {
  Base base;
  bool optional = false;
  bool list = false;
  bool optional_elements = false;

  std::string text() const;
};

struct Parameter {
  std::string name;
  ArgumentKind kind;
  size_t position;  // in the linked library's schema, which may have more arguments than JavaScript knows
};

enum class ReturnKind : uint8_t { Nothing, Tensor, Tensors, Number };

struct Operator {
  std::string name;  // aten::add.Tensor
  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;  // in the order JavaScript writes them
  std::vector<c10::IValue> defaults;  // one per argument of the linked schema
  ReturnKind returns;
  bool in_place;          // writes its first argument and returns it
  bool draws_randomness;  // takes a generator
  Guard guard;            // null, or called with the arguments before the operator
};

// The linked library's schema as text, or empty when it has no such operator.
std::string schema_text(const std::string& name, const std::string& overload);

// Finds an operator and matches JavaScript's idea of its arguments against the linked schema.
// Throws Misuse with a line that says what differs.
Operator resolve_operator(const std::string& name, const std::string& overload,
                          const std::vector<std::string>& argument_names,
                          const std::vector<std::string>& argument_kinds);

}  // namespace binding
