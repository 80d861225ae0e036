/** Tensors, gradients, an optimizer: a small network learns to tell two spirals apart and draws what it has learned. */
import * as torch from "@zerosearch/torch";

const STEPS = 500;
const [ROWS, COLUMNS] = [21, 48];
const generator = new torch.Generator(0);

/** N points on two intertwined spirals, and which of the two each is on: (N, 2) and (N, 1). */
function spirals(count: number): { points: torch.Tensor; labels: torch.Tensor } {
  const labels = torch.arange(0, count).remainder(2).to("float32").unsqueeze(1); // (N, 1)
  const radius = torch.rand([count], { generator }).sqrt(); // (N)
  const angle = radius.mul(3 * Math.PI).add(labels.squeeze(1).mul(Math.PI)); // (N)
  return { points: torch.stack([angle.cos().mul(radius), angle.sin().mul(radius)], 1), labels };
}

const shapes = [[64, 2], [64], [64, 64], [64], [1, 64], [1]];
const parameters = shapes.map((shape) => torch.randn(shape, { generator }).mul(0.4).requireGrad());
const firstMoments = shapes.map((shape) => torch.zeros(shape));
const secondMoments = shapes.map((shape) => torch.zeros(shape));

/** How likely each point is on the second spiral, as a logit: (N, 2) → (N, 1). */
function network(points: torch.Tensor): torch.Tensor {
  const [w1, b1, w2, b2, w3, b3] = parameters;
  if (!w1 || !w2 || !w3) throw new Error("the network has three layers");
  const hidden = torch.linear(points.mul(4), w1, b1).sin();
  return torch.linear(torch.linear(hidden, w2, b2).silu(), w3, b3);
}

const train = spirals(1000);
const unseen = spirals(1000);
for (let step = 1; step <= STEPS; step++) {
  torch.tidy(() => {
    const loss = network(train.points).binaryCrossEntropyWithLogits(train.labels);
    const gradients = torch.grad(loss, parameters);
    const options = { step, learningRate: 5e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01 };
    torch.adamwStep({ parameters, gradients, firstMoments, secondMoments }, options);
    if (step % 100 !== 0) return;
    const right = network(unseen.points).gt(0).eq(unseen.labels).to("float32").mean().item();
    console.log(`step ${step}  loss ${loss.item().toFixed(4)}  right on unseen points ${(100 * right).toFixed(1)} %`);
  });
}

torch.tidy(() => {
  const y = torch.linspace(1, -1, ROWS).unsqueeze(1).expand([ROWS, COLUMNS]);
  const x = torch.linspace(-1, 1, COLUMNS).expand([ROWS, COLUMNS]);
  const sides = network(torch.stack([x, y], -1))
    .squeeze(-1)
    .gt(0); // (rows, columns)
  for (const row of sides.unbind())
    console.log(
      row
        .toNumbers()
        .map((side) => (side ? "█" : " "))
        .join(""),
    );
});
