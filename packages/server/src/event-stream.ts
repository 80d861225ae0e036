/** Server-sent events: one JSON object after another, and `[DONE]`. */

/** Sends one event; does nothing once the client is gone. */
export type Send = (event: unknown) => void;

/**
 * An answer that is written while it is sent. What a slow client has not read yet is kept: it is bounded by the
 * tokens asked for, and the engine waits for nobody.
 *
 * @param write     sends events; when it resolves, `[DONE]` follows. It must not reject.
 * @param onCancel  the client went away
 */
export function eventStream(write: (send: Send) => Promise<boolean>, onCancel: () => void): Response {
  const encoder = new TextEncoder();
  let isOpen = true;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      const sendText = (text: string): void => {
        if (isOpen) controller.enqueue(encoder.encode(`data: ${text}\n\n`));
      };
      void write((event) => sendText(JSON.stringify(event))).then((isComplete) => {
        if (isComplete) sendText("[DONE]");
        if (isOpen) controller.close();
        isOpen = false;
      });
    },
    cancel: () => {
      isOpen = false;
      onCancel();
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no", // a proxy must not collect events
    },
  });
}
