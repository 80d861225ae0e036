/** For tests that change the number of threads and make tensors. */
import { afterEach, beforeEach, expect } from "vitest";
import { getThreads, liveTensorCount, setThreads } from "../index.ts";

/** After each test of the file or suite that calls this, as many tensors are alive as before it, and threads are as many. */
export function leaveNoTrace(): void {
  const threads = getThreads();
  let before = 0;
  beforeEach(() => {
    before = liveTensorCount();
  });
  afterEach(() => {
    setThreads(threads);
    expect(liveTensorCount()).toBe(before);
  });
}
