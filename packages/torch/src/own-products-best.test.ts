import { describeAttention } from "./testing/attention-suite.ts";
import { describeProducts } from "./testing/product-suite.ts";

describeProducts();
describeAttention();
