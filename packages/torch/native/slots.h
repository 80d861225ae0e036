// A table of owned C++ values that JavaScript names by small integers.
//
// A handle is a slot number and the slot's generation. The generation changes whenever a slot is emptied, so a handle
// that outlived its value is recognised instead of naming a stranger. Handles stay below 2^30: V8 keeps them unboxed.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace binding {

using Handle = int32_t;

// What JavaScript says is a handle; 0, which names nothing, where it can't be one.
inline Handle to_handle(double value) { return value > 0 && value <= 2147483647 ? static_cast<Handle>(value) : 0; }

template <typename T>
class Slots {
 public:
  static constexpr int kSlotBits = 21;
  static constexpr uint32_t kMaxSlots = 1u << kSlotBits;
  static constexpr uint32_t kMaxGeneration = 511;

  // Returns 0 when the table is full.
  Handle insert(T value) {
    if (free_.empty()) {
      if (slots_.size() == kMaxSlots) return 0;
      free_.push_back(static_cast<uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    slot.value = std::move(value);
    slot.occupied = true;
    ++live_;
    return static_cast<Handle>(slot.generation << kSlotBits | index);
  }

  // The value behind a handle; nullptr when the handle is stale, forged or zero.
  T* find(Handle handle) {
    const uint32_t index = static_cast<uint32_t>(handle) & (kMaxSlots - 1);
    if (handle <= 0 || index >= slots_.size()) return nullptr;
    Slot& slot = slots_[index];
    const bool current = slot.occupied && slot.generation == static_cast<uint32_t>(handle) >> kSlotBits;
    return current ? &slot.value : nullptr;
  }

  bool erase(Handle handle) {
    T* value = find(handle);
    if (value == nullptr) return false;
    const uint32_t index = static_cast<uint32_t>(handle) & (kMaxSlots - 1);
    Slot& slot = slots_[index];
    T dying = std::move(slot.value);  // its destructor may run arbitrary code: leave the table consistent first
    slot.value = T();
    slot.occupied = false;
    slot.generation = slot.generation == kMaxGeneration ? 1 : slot.generation + 1;
    free_.push_back(index);
    --live_;
    return true;
  }

  size_t live() const { return live_; }

 private:
  struct Slot {
    T value;
    uint32_t generation = 1;
    bool occupied = false;
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  size_t live_ = 0;
};

}  // namespace binding
