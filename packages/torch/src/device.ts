/** Devices: where a tensor's memory is. */
import { ArgumentError } from "./errors.ts";

/** `cuda` is the current CUDA device, `cuda:1` the second. `meta` tensors have a shape and no memory. */
export type Device = "cpu" | "cuda" | `cuda:${number}` | "meta";

/** c10::DeviceType */
const TYPES: Readonly<Record<string, number>> = { cpu: 0, cuda: 1, meta: 14 };
const NAMES = new Map(Object.entries(TYPES).map(([name, type]) => [type, name]));

/**
 * The number by which a device crosses to the native side: type · 256 + index + 1.
 *
 * @throws {ArgumentError} no such device
 */
export function deviceCode(device: Device): number {
  const groups = /^(?<type>cpu|cuda|meta)(?::(?<index>\d{1,2}))?$/.exec(String(device))?.groups;
  const type = TYPES[groups?.type ?? ""];
  if (type === undefined) {
    throw new ArgumentError(
      `device must be "cpu", "cuda" or "cuda:N", got ${JSON.stringify(device) ?? String(device)}`,
    );
  }
  return type * 256 + (groups?.index === undefined ? 0 : Number(groups.index) + 1);
}

/** The device behind such a number. The CPU is never numbered, a CUDA device always. */
export function deviceOfCode(code: number): Device {
  const name = NAMES.get(Math.floor(code / 256));
  if (name === undefined)
    throw new ArgumentError(`the tensor's device has type ${Math.floor(code / 256)}, unknown here`);
  const index = (code % 256) - 1;
  return (name === "cuda" && index >= 0 ? `cuda:${index}` : name) as Device;
}
