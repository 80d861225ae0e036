#include "executor.h"

#include <ATen/Parallel.h>

#include <memory>

#include "errors.h"

namespace binding {

Executor::Executor(napi_env env) : env_(env) {
  napi_value name = nullptr;
  check(napi_create_string_utf8(env, "torch programs", NAPI_AUTO_LENGTH, &name), "naming the executor");
  check(napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, finish, &deliver_),
        "making the executor");
  check(napi_unref_threadsafe_function(env, deliver_), "letting an idle executor not hold the process");
  thread_ = std::thread([this] { run(); });
  // Node destroys the threadsafe function before instance data: the thread must be gone before either.
  check(napi_add_env_cleanup_hook(
            env, [](void* executor) { static_cast<Executor*>(executor)->stop(); }, this),
        "arranging the executor's end");
}

Executor::~Executor() { stop(); }

void Executor::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    jobs_.clear();
  }
  wake_.notify_one();
  thread_.join();
  napi_release_threadsafe_function(deliver_, napi_tsfn_abort);
}

void Executor::submit(Job job) {
  job.threads = at::get_num_threads();
  if (pending_++ == 0) napi_ref_threadsafe_function(env_, deliver_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Executor::run() {
  for (;;) {
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    auto job = std::make_unique<Job>(std::move(jobs_.front()));
    jobs_.pop_front();
    lock.unlock();
    // OpenMP counts threads for each thread that asks for them.
    if (at::get_num_threads() != job->threads) at::set_num_threads(job->threads);
    job->work();
    if (napi_call_threadsafe_function(deliver_, job.get(), napi_tsfn_blocking) == napi_ok) job.release();
  }
}

void Executor::finish(napi_env env, napi_value, void* context, void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  if (env == nullptr) return;  // the environment is being torn down
  auto& executor = *static_cast<Executor*>(context);
  if (--executor.pending_ == 0) napi_unref_threadsafe_function(env, executor.deliver_);
  job->done(env);
}

}  // namespace binding
