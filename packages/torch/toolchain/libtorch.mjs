/**
 * What is known about one libtorch on this machine. Every field is derived from files, without loading
 * the library or importing torch.
 *
 * @typedef {object} Libtorch
 * @property {string} root         the folder that holds `include`; `/usr` for the distribution's package
 * @property {string} version      as the library's own headers say, for example `1.13.0`
 * @property {string} source       where it came from, in words: `LIBTORCH`, `torch package of python3`, …
 * @property {readonly string[]} includeDirs
 * @property {string} libDir       the folder that holds libtorch_cpu.so
 * @property {boolean} cxx11Abi    built with the new C++ ABI of libstdc++
 * @property {boolean} cuda        libtorch_cuda.so is there and everything it needs resolves
 * @property {boolean} gloo        libtorch_cpu.so has ProcessGroupGloo and its headers are there
 * @property {readonly string[]} notes  what else a person should know, such as why CUDA is off
 */

/**
 * @typedef {object} Rejected
 * @property {string} root    the folder or interpreter that was looked at
 * @property {string} source
 * @property {string} reason  why it cannot be used
 */

/**
 * @typedef {{ readonly libtorch: Libtorch } | { readonly rejected: Rejected }} Inspection
 */

export {};
