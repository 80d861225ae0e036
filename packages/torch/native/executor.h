// One background thread per JavaScript environment, on which recorded programs run in the order they were submitted.
#pragma once

#include <node_api.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace binding {

class Executor {
 public:
  // `work` runs on the background thread; `done` afterwards on the JavaScript thread, unless the environment is going.
  struct Job {
    std::function<void()> work;
    std::function<void(napi_env)> done;
    int threads = 1;  // that an operator may use: as many as where the job was submitted
  };

  explicit Executor(napi_env env);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void submit(Job job);

 private:
  void run();
  void stop();
  static void finish(napi_env env, napi_value, void* executor, void* job);

  napi_env env_;
  napi_threadsafe_function deliver_ = nullptr;
  size_t pending_ = 0;  // JavaScript thread only: keeps the event loop alive while it is not zero
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace binding
