import { GATE_NAME, miniatureGate } from "@zerosearch/miniature";
import type { Gates } from "@zerosearch/zerosearch";

/** Gates that configurations may name besides the library's own. */
export const GATES: Gates = { [GATE_NAME]: miniatureGate };
