import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arange, liveTensorCount, ones, type Tensor, tidy } from "@zerosearch/torch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ModelFileError, RequestError } from "../errors.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { matchWeights } from "./match-weights.ts";
import { writeCheckpoint } from "./write-checkpoint.ts";

let folder = "";
let before = 0;
beforeEach(() => {
  before = liveTensorCount();
  folder = mkdtempSync(join(tmpdir(), "zerosearch-checkpoint-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  expect(liveTensorCount()).toBe(before);
});

function weights(): Record<string, Tensor> {
  return {
    "model.embed_tokens.weight": arange(0, 12, 1, { dtype: "float32" }).view([4, 3]),
    "model.layers.0.weight": ones([3, 3]),
    "model.layers.1.weight": ones([3, 3], { dtype: "bfloat16" }),
    "model.norm.weight": ones([3]),
  };
}

function save(maxShardBytes: number): void {
  tidy(() => writeCheckpoint(folder, Object.entries(weights()), { maxShardBytes }));
}

test("small weights are one file", () => {
  save(1000);
  expect(readdirSync(folder)).toEqual(["model.safetensors"]);
});

test("large ones are several files and an index, which read back as one object", () => {
  save(66);
  expect(readdirSync(folder).sort()).toEqual([
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
  ]);
  expect(JSON.parse(readFileSync(join(folder, "model.safetensors.index.json"), "utf8"))).toEqual({
    metadata: { total_parameters: 33, total_size: 48 + 36 + 18 + 12 },
    weight_map: {
      "model.embed_tokens.weight": "model-00001-of-00002.safetensors",
      "model.layers.0.weight": "model-00002-of-00002.safetensors",
      "model.layers.1.weight": "model-00002-of-00002.safetensors",
      "model.norm.weight": "model-00002-of-00002.safetensors",
    },
  });
  tidy(() => {
    using checkpoint = openCheckpoint(folder);
    const expected = weights();
    expect([...checkpoint.names].sort()).toEqual(Object.keys(expected).sort());
    expect(checkpoint.sizeBytes).toBe(114);
    expect(checkpoint.metadata).toEqual({ format: "pt" });
    for (const [name, tensor] of Object.entries(expected)) {
      expect(checkpoint.info(name)).toMatchObject({ dtype: tensor.dtype, shape: tensor.shape });
      expect(checkpoint.read(name).toArray()).toEqual(tensor.toArray());
    }
  });
});

test("a tensor above the limit gets a file of its own", () => {
  save(1);
  expect(readdirSync(folder)).toHaveLength(5);
  using checkpoint = openCheckpoint(folder);
  expect(checkpoint.names).toHaveLength(4);
});

test("a new save removes the files of the old one, and nothing else", () => {
  writeFileSync(join(folder, "config.json"), "{}");
  save(1);
  save(1000);
  expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors"]);
  save(66);
  expect(readdirSync(folder)).toHaveLength(4);
  expect(existsSync(join(folder, "model.safetensors"))).toBe(false);
});

test("a failed save leaves the old weights", () => {
  save(66);
  const names = readdirSync(folder);
  const gone = ones([2]);
  const made = ones([2]);
  gone.dispose();
  expect(() =>
    writeCheckpoint(
      folder,
      [
        ["a", made],
        ["b", gone],
      ],
      { maxShardBytes: 1 },
    ),
  ).toThrow(/freed/);
  expect(() =>
    writeCheckpoint(folder, [
      ["a", made],
      ["a", made],
    ]),
  ).toThrow(RequestError);
  expect(() => writeCheckpoint(folder, [], { maxShardBytes: 0 })).toThrow(/maxShardBytes must be above 0, got 0/);
  made.dispose();
  expect(readdirSync(folder)).toEqual(names);
  openCheckpoint(folder).dispose();
});

describe("a folder that does not hold together is refused", () => {
  const index = () => join(folder, "model.safetensors.index.json");
  const editIndex = (edit: (map: Record<string, string>) => void) => {
    const parsed = JSON.parse(readFileSync(index(), "utf8"));
    edit(parsed.weight_map);
    writeFileSync(index(), JSON.stringify(parsed));
  };
  test.each<[string, RegExp, () => void]>([
    [
      "a missing shard",
      /it names model-00002-of-00002.safetensors, which is not in the folder/,
      () => rmSync(join(folder, "model-00002-of-00002.safetensors")),
    ],
    [
      "a tensor that its shard lacks",
      /places "extra" in model-00001-of-00002.safetensors, which lacks them/,
      () =>
        editIndex((map) => {
          map.extra = "model-00001-of-00002.safetensors";
        }),
    ],
    [
      "a tensor that the index forgot",
      /holds "model.norm.weight", which the index does not place there/,
      () =>
        editIndex((map) => {
          delete map["model.norm.weight"];
        }),
    ],
    [
      "a file outside the folder",
      /must be in a file of the same folder, got "\.\.\/x.safetensors"/,
      () =>
        editIndex((map) => {
          map["model.norm.weight"] = "../x.safetensors";
        }),
    ],
    [
      "a name that is no string",
      /must be in a file of the same folder, got 3/,
      () => writeFileSync(index(), '{"weight_map":{"a":3}}'),
    ],
    ["an index that is not JSON", /index.json: not JSON/, () => writeFileSync(index(), "{")],
    [
      "an index without a map",
      /weight_map must be an object of file names, got undefined/,
      () => writeFileSync(index(), "[]"),
    ],
    [
      "a name twice",
      /it has the name "a" twice/,
      () => writeFileSync(index(), '{"weight_map":{"a":"model-00001-of-00002.safetensors","a":"x"}}'),
    ],
    [
      "a shard that is malformed",
      /00001-of-00002.safetensors: the file has 3 bytes/,
      () => writeFileSync(join(folder, "model-00001-of-00002.safetensors"), "abc"),
    ],
    [
      "no weights",
      /it holds no weights, expected model.safetensors or model.safetensors.index.json/,
      () => renameSync(index(), `${index()}.old`),
    ],
  ])("%s", (_, message, damage) => {
    save(66);
    damage();
    expect(() => openCheckpoint(folder)).toThrow(ModelFileError);
    expect(() => openCheckpoint(folder)).toThrow(message);
  });
});

test("matching tells every difference at once", () => {
  save(1000);
  using checkpoint = openCheckpoint(folder);
  const shapes = new Map(checkpoint.names.map((name) => [name, checkpoint.info(name).shape]));
  matchWeights(shapes, checkpoint);
  shapes.set("model.norm.weight", [4]);
  shapes.set("model.layers.1.weight", [9]);
  shapes.set("model.layers.2.weight", [3, 3]);
  shapes.delete("model.layers.0.weight");
  expect(() => matchWeights(shapes, checkpoint)).toThrow(ModelFileError);
  expect(() => matchWeights(shapes, checkpoint)).toThrow(
    [
      `${folder}: the weights don't fit the model of its config.json.`,
      "1 missing:",
      "  model.layers.2.weight",
      "1 left over:",
      "  model.layers.0.weight",
      "2 of another shape:",
      "  model.norm.weight is [3], expected [4]",
      "  model.layers.1.weight is [3, 3], expected [9]",
    ].join("\n"),
  );
  shapes.delete("model.layers.2.weight");
  shapes.set("model.norm.weight", [3]);
  shapes.set("model.layers.1.weight", [3, 3]);
  matchWeights(shapes, checkpoint, (name) => name.startsWith("model.layers.0"));
});
