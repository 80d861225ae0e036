import { expect, test } from "vitest";
import { Admission } from "./admission.ts";
import { ApiError } from "./openai-errors.ts";

const refusal = (admit: () => unknown): ApiError => {
  try {
    admit();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("it was admitted");
};

test("what is too much now gets 503 and a time to come back, what is always too much gets 400", () => {
  const admission = new Admission(4);
  const ticket = admission.admit(3);
  expect(refusal(() => admission.admit(2))).toMatchObject({ status: 503, retryAfterSeconds: 1 });
  expect(refusal(() => admission.admit(5))).toMatchObject({ status: 400, retryAfterSeconds: undefined });
  ticket.release();
  admission.admit(4);
  expect(admission.inFlight).toBe(4);
});

test("a place is given back once, however often it is released", () => {
  const admission = new Admission(4);
  const ticket = admission.admit(2);
  admission.admit(1);
  ticket.release();
  ticket.release();
  expect(admission.inFlight).toBe(1);
});

test("closing refuses newcomers and waits for those inside", async () => {
  const admission = new Admission(4);
  const ticket = admission.admit(1);
  admission.close();
  expect(refusal(() => admission.admit(1)).status).toBe(503);
  let isIdle = false;
  const idle = admission.whenIdle().then(() => {
    isIdle = true;
  });
  await Promise.resolve();
  expect(isIdle).toBe(false);
  ticket.release();
  await idle;
  expect(isIdle).toBe(true);
});
