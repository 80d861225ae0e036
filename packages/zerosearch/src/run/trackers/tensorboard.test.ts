import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "./crc32c.ts";
import { TensorboardTracker } from "./tensorboard.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-tensorboard-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("CRC-32C gives the check value and the examples of RFC 3720", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

/** Records of a TFRecord file, checksums tested. */
function recordsOf(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data));
    records.push(data);
    at += 16 + length;
  }
  return records;
}

/** Fields of a protobuf message as [number, value]. */
function fieldsOf(message: Buffer): [number, number | Buffer][] {
  const fields: [number, number | Buffer][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (size: number): Buffer => {
    at += size;
    return message.subarray(at - size, at);
  };
  while (at < message.length) {
    const key = varint();
    const kind = key & 7;
    const value =
      kind === 0 ? varint() : kind === 1 ? take(8).readDoubleLE() : kind === 5 ? take(4).readFloatLE() : take(varint());
    fields.push([Math.floor(key / 8), value]);
  }
  return fields;
}

function eventsIn(): [number, number | Buffer][][] {
  const names = readdirSync(folder);
  expect(names).toHaveLength(1);
  expect(names[0]).toMatch(/^events\.out\.tfevents\.\d{10}\./);
  return recordsOf(readFileSync(join(folder, names[0] ?? ""))).map(fieldsOf);
}

test("a file begins with the bytes of every event file", async () => {
  await new TensorboardTracker({ folder, resumedStep: 0 }).start();
  const bytes = readFileSync(join(folder, readdirSync(folder)[0] ?? ""));
  // 24 bytes follow, and their length's checksum as TensorFlow's own writer puts it; then the time's field.
  expect(bytes.subarray(0, 13).toString("hex")).toBe("1800000000000000a37f4b2209");
  expect(bytes.subarray(21, 36).toString("latin1")).toBe("\u001a\rbrain.Event:2");
});

test("scalars stand there with step, time and name", async () => {
  const tracker = new TensorboardTracker({ folder, resumedStep: 0 });
  await tracker.start();
  const metrics = { "actor/pg_loss": -0.5, "critic/score/mean": Number.NaN };
  await tracker.log([{ step: 300, time: 1_700_000_000_500, metrics }]);
  await tracker.finish();
  const [, event] = eventsIn();
  expect(event?.slice(0, 2)).toEqual([
    [1, 1_700_000_000.5],
    [2, 300],
  ]);
  const values = fieldsOf(event?.[2]?.[1] as Buffer).map(([, value]) => fieldsOf(value as Buffer));
  expect(event?.[2]?.[0]).toBe(5);
  expect(
    values.map((value) =>
      value.map(([field, content]) => [field, Buffer.isBuffer(content) ? content.toString() : content]),
    ),
  ).toEqual([
    [
      [1, "actor/pg_loss"],
      [2, -0.5],
    ],
    [
      [1, "critic/score/mean"],
      [2, Number.NaN],
    ],
  ]);
});

test("a resumed run says from which step on older events are void", async () => {
  await new TensorboardTracker({ folder, resumedStep: 40 }).start();
  const [, event] = eventsIn();
  expect(event?.slice(1)).toEqual([
    [2, 41],
    [7, Buffer.from([8, 1])],
  ]);
});

test("a folder that can't be made is an error with its path", async () => {
  writeFileSync(join(folder, "file"), "");
  const tracker = new TensorboardTracker({ folder: join(folder, "file/inner"), resumedStep: 0 });
  await expect(tracker.start()).rejects.toThrow(/file\/inner.*ENOTDIR/);
});
