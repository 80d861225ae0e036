/** The HTTP header `Retry-After` (RFC 9110, section 10.2.3), in both of its forms. */

/**
 * @param header  seconds such as `30`, or an HTTP date such as `Wed, 21 Oct 2026 07:28:00 GMT`
 * @param nowMs   the present, in milliseconds since 1970
 * @returns milliseconds to wait, at least 0; undefined if there is no header or it is neither form
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  // Fractions are against the standard, but some servers send them.
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  // Date.parse reads bare numbers and other loose forms; every date of the standard begins with a weekday.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - nowMs);
}
