// Gradient checkpointing: results without their graph now, the graph rebuilt from a recorded program when gradients
// are asked for (Chen et al. 2016, arXiv 1604.06174).
#pragma once

#include <memory>
#include <vector>

#include "program.h"

namespace binding {

// Runs the program without building a graph, then ties its outputs to one node that rebuilds it.
std::vector<at::Tensor> run_checkpoint(const std::shared_ptr<Program>& program, const std::vector<at::Tensor>& inputs,
                                       const std::vector<at::Tensor>& captured);

// The same for outputs that have just been computed while recording.
std::vector<at::Tensor> tie_checkpoint(const std::shared_ptr<Program>& program, const std::vector<at::Tensor>& inputs,
                                       const std::vector<at::Tensor>& captured, const std::vector<at::Tensor>& outputs);

}  // namespace binding
