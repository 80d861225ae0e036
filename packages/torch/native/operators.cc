#include "operators.h"

#include <ATen/core/jit_type.h>

#include <sstream>

#include "errors.h"

namespace binding {

namespace {

bool base_of(const c10::Type& type, Base& base) {
  switch (type.kind()) {
    case c10::TypeKind::TensorType:
      base = Base::Tensor;
      return true;
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
      base = Base::Int;
      return true;
    case c10::TypeKind::FloatType:
      base = Base::Float;
      return true;
    case c10::TypeKind::BoolType:
      base = Base::Bool;
      return true;
    case c10::TypeKind::NumberType:
      base = Base::Scalar;
      return true;
    case c10::TypeKind::ScalarTypeType:
      base = Base::ScalarType;
      return true;
    case c10::TypeKind::LayoutType:
      base = Base::Layout;
      return true;
    case c10::TypeKind::MemoryFormatType:
      base = Base::MemoryFormat;
      return true;
    case c10::TypeKind::DeviceObjType:
      base = Base::Device;
      return true;
    case c10::TypeKind::StringType:
      base = Base::String;
      return true;
    case c10::TypeKind::GeneratorType:
      base = Base::Generator;
      return true;
    default:
      return false;
  }
}

ArgumentKind kind_of(const c10::Argument& argument) {
  ArgumentKind kind;
  c10::TypePtr type = argument.real_type();
  if (auto optional = type->cast<c10::OptionalType>()) {
    kind.optional = true;
    type = optional->getElementType();
  }
  if (auto list = type->cast<c10::ListType>()) {
    kind.list = true;
    type = list->getElementType();
    if (auto optional = type->cast<c10::OptionalType>()) {
      kind.optional_elements = true;
      type = optional->getElementType();
    }
  }
  if (!base_of(*type, kind.base)) {
    throw Misuse("argument " + argument.name() + " has type " + argument.real_type()->str() + ", which can't cross");
  }
  return kind;
}

c10::IValue none_or_default(const c10::Argument& argument) {
  return argument.default_value().has_value() ? *argument.default_value() : c10::IValue();
}

ReturnKind returns_of(const c10::FunctionSchema& schema, bool in_place) {
  const auto& returns = schema.returns();
  if (returns.empty() || in_place) return ReturnKind::Nothing;
  const c10::TypePtr& first = returns[0].type();
  if (returns.size() > 1 || first->kind() == c10::TypeKind::ListType) return ReturnKind::Tensors;
  return first->kind() == c10::TypeKind::TensorType ? ReturnKind::Tensor : ReturnKind::Number;
}

bool is_in_place(const c10::FunctionSchema& schema) {
  if (schema.returns().size() != 1) return false;
  const c10::AliasInfo* alias = schema.returns()[0].alias_info();
  return alias != nullptr && alias->isWrite();
}

}  // namespace

std::string ArgumentKind::text() const {
  static const char* const names[] = {"Tensor", "int",          "float",  "bool", "Scalar",   "ScalarType",
                                      "Layout", "MemoryFormat", "Device", "str",  "Generator"};
  std::string text = names[static_cast<size_t>(base)];
  if (optional_elements) text += "?";
  if (list) text += "[]";
  if (optional) text += "?";
  return text;
}

std::string schema_text(const std::string& name, const std::string& overload) {
  const auto found = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!found.has_value()) return "";
  std::ostringstream text;
  text << found->schema();
  return text.str();
}

Operator resolve_operator(const std::string& name, const std::string& overload,
                          const std::vector<std::string>& argument_names,
                          const std::vector<std::string>& argument_kinds) {
  const std::string full_name = overload.empty() ? name : name + "." + overload;
  const auto found = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!found.has_value()) throw Misuse(full_name + " is not in this libtorch");
  const c10::FunctionSchema& schema = found->schema();

  Operator result{full_name, *found, {}, {}, ReturnKind::Nothing, is_in_place(schema), false, guard_of(full_name)};
  std::vector<bool> given(schema.arguments().size(), false);
  for (const auto& argument : schema.arguments()) result.defaults.push_back(none_or_default(argument));
  for (size_t i = 0; i < argument_names.size(); ++i) {
    const auto position = schema.argumentIndexWithName(argument_names[i]);
    if (!position.has_value()) throw Misuse(full_name + " has no argument " + argument_names[i] + " in this libtorch");
    const ArgumentKind kind = kind_of(schema.arguments()[*position]);
    if (kind.text() != argument_kinds[i]) {
      throw Misuse(full_name + ": argument " + argument_names[i] + " is " + kind.text() +
                   " in this libtorch, expected " + argument_kinds[i]);
    }
    given[*position] = true;
    result.draws_randomness |= kind.base == Base::Generator;
    result.parameters.push_back({argument_names[i], kind, static_cast<size_t>(*position)});
  }
  for (size_t i = 0; i < given.size(); ++i) {
    const c10::Argument& argument = schema.arguments()[i];
    const bool may_be_left_out =
        argument.default_value().has_value() || argument.type()->kind() == c10::TypeKind::OptionalType;
    if (!given[i] && !may_be_left_out) throw Misuse(full_name + " also needs " + argument.name() + " in this libtorch");
  }
  result.returns = returns_of(schema, result.in_place);
  return result;
}

}  // namespace binding
