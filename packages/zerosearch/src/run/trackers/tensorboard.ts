/**
 * TensorBoard's event files, written by hand: TFRecords of `Event` messages (tensorflow/core/util/event.proto), of which
 * scalars need seven fields. Every session writes a file of its own; one that goes on from a checkpoint first says from
 * which step on older events no longer hold.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { onFile } from "../file-failure.ts";
import { maskedCrc32c } from "./crc32c.ts";
import type { TrackedMetrics, Tracker } from "./tracker.ts";

export interface TensorboardOptions {
  /** Made if need be. */
  readonly folder: string;
  /** The last step that holds: 0, or that of the checkpoint resumed from. Later ones of older files are forgotten. */
  readonly resumedStep: number;
}

/** Fields of the messages, as their numbers. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 };
const SUMMARY = { value: 1 };
const VALUE = { tag: 1, simpleValue: 2 };
const SESSION_LOG = { status: 1 };
const SESSION_START = 1;

export class TensorboardTracker implements Tracker {
  readonly name = "tensorboard";
  readonly #options: TensorboardOptions;
  #path = "";

  constructor(options: TensorboardOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { folder, resumedStep } = this.#options;
    const now = Date.now();
    const name = `events.out.tfevents.${String(Math.floor(now / 1000)).padStart(10, "0")}.${hostname()}.${process.pid}.${now % 1000}`;
    const path = join(folder, name);
    const records = [event(now, 0, textField(EVENT.fileVersion, "brain.Event:2"))];
    if (resumedStep > 0) {
      const started = bytesField(EVENT.sessionLog, varintField(SESSION_LOG.status, SESSION_START));
      records.push(event(now, resumedStep + 1, started));
    }
    onFile("can't write", path, () => {
      mkdirSync(folder, { recursive: true });
      appendFileSync(path, Buffer.concat(records.map(tfRecord)));
    });
    this.#path = path;
  }

  async log(entries: readonly TrackedMetrics[]): Promise<void> {
    const records = entries.map(({ step, time, metrics }) => {
      const values = Object.entries(metrics).map(([tag, value]) =>
        bytesField(SUMMARY.value, Buffer.concat([textField(VALUE.tag, tag), floatField(VALUE.simpleValue, value)])),
      );
      return tfRecord(event(time, step, bytesField(EVENT.summary, Buffer.concat(values))));
    });
    onFile("can't write", this.#path, () => appendFileSync(this.#path, Buffer.concat(records)));
  }

  /** Event files have no end: everything is written already. */
  async finish(): Promise<void> {}
}

/** Length, its checksum, data, its checksum; little-endian. */
function tfRecord(data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, checksum(length), data, checksum(data)]);
}

function checksum(bytes: Uint8Array): Buffer {
  const checksummed = Buffer.alloc(4);
  checksummed.writeUInt32LE(maskedCrc32c(bytes));
  return checksummed;
}

function event(timeMs: number, step: number, content: Uint8Array): Buffer {
  // A number that is 0 is left out, as every writer of proto3 does.
  const steps = step === 0 ? [] : [varintField(EVENT.step, step)];
  return Buffer.concat([doubleField(EVENT.wallTime, timeMs / 1000), ...steps, content]);
}

// Protocol Buffers: a field is its number and wire type as a varint, then its content.

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint(field * 8 + 1), bytes]);
}

function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), bytes]);
}

function bytesField(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

function textField(field: number, text: string): Buffer {
  return bytesField(field, Buffer.from(text));
}

/** Seven bits a byte, lowest first, the top bit where more follow. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
