// zerosearch::advise_large_pages_: memory that is read from end to end again and again, as weights are, costs a look
// into the page tables every 4 KiB. In pages of 2 MiB it hardly does. TypeScript's side is src/packed-linear.ts.

#include <ATen/ATen.h>
#include <torch/library.h>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace binding {

namespace {

// A wish: systems without large pages, or with none left, go on with small ones. To be asked before memory is touched.
at::Tensor& advise_large_pages_(at::Tensor& memory) {
  TORCH_CHECK(memory.is_contiguous(), "memory must be contiguous");
#ifdef MADV_HUGEPAGE
  constexpr uintptr_t kSmallPage = 4096;
  const auto start = reinterpret_cast<uintptr_t>(memory.data_ptr());
  const uintptr_t first = (start + kSmallPage - 1) / kSmallPage * kSmallPage;
  const uintptr_t end = (start + memory.nbytes()) / kSmallPage * kSmallPage;
  if (end > first) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
  return memory;
}

TORCH_LIBRARY_FRAGMENT(zerosearch, library) { library.def("advise_large_pages_(Tensor(a!) memory) -> Tensor(a!)"); }

TORCH_LIBRARY_IMPL(zerosearch, CPU, library) { library.impl("advise_large_pages_", advise_large_pages_); }

}  // namespace

}  // namespace binding
