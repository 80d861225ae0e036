#!/usr/bin/env python3
"""Writes advantages, losses and their gradients, computed by PyTorch. Development only.

    python3 scripts/make-golden-rl.py      -> test/golden/rl-advantages.json, test/golden/rl-losses.json

Any Python with torch will do; its version goes into the files. Everything is computed in another form than the code that
is tested: float64 matrices padded to one width, with masks that single out policy tokens among observations and padding,
and gradients by autograd. Inputs are random; what stands under a zero of a mask is large, so that a leak is seen.
"""
import json
import random
from pathlib import Path

import torch

GOLDEN = Path(__file__).resolve().parent.parent / "test/golden"
torch.set_default_dtype(torch.float64)
NOISE = 1e6


def ragged(matrix, mask):
    """Rows of a padded matrix, policy tokens only."""
    return [[value for value, here in zip(row, seen) if here] for row, seen in zip(matrix.tolist(), mask.tolist())]


def masked_mean(values, mask):
    return (values * mask).sum() / mask.sum()


def masked_whiten(values, mask):
    mean = masked_mean(values, mask)
    variance = masked_mean((values - mean) ** 2, mask) * mask.sum() / (mask.sum() - 1)
    return (values - mean) * torch.rsqrt(variance + 1e-8)


def random_mask(generator, rows, width):
    """Alternating runs of policy tokens (1) and observations (0), then padding (0)."""
    mask = torch.zeros(rows, width)
    for row in mask:
        at, kind = 0, 1
        end = generator.randint(4, width)
        while at < end:
            run = generator.randint(1, 4)
            row[at:min(end, at + run)] = kind
            at, kind = at + run, 1 - kind
    return mask


def gae(rewards, values, mask, discount, lam):
    """Per row over the columns that the mask picks, the definition as a sum: A_t = Σ (γλ)^l δ_{t+l}."""
    advantages = torch.zeros_like(rewards)
    for i, row in enumerate(mask):
        columns = row.nonzero().flatten().tolist()
        following = [values[i, c].item() for c in columns[1:]] + [0.0]
        deltas = [rewards[i, c].item() + discount * v - values[i, c].item() for c, v in zip(columns, following)]
        for t, column in enumerate(columns):
            advantages[i, column] = sum((discount * lam) ** k * d for k, d in enumerate(deltas[t:]))
    return advantages


def kl(estimator, log_probs, reference):
    policy_over_reference = log_probs - reference
    if estimator == "k1":
        return policy_over_reference
    if estimator == "k2":
        return policy_over_reference.pow(2) / 2
    if estimator == "k3":
        return torch.clamp(torch.exp(-policy_over_reference) + policy_over_reference - 1, max=10)
    return policy_over_reference.abs()


def make_advantages():
    generator = random.Random(7)
    torch.manual_seed(7)
    rows, width, group = 8, 14, 4
    mask = random_mask(generator, rows, width)
    noise = (1 - mask) * NOISE
    log_probs = -torch.rand(rows, width) * 3
    reference = log_probs + 0.3 * torch.randn(rows, width)
    values = torch.randn(rows, width)
    scores = torch.rand(rows)
    scores[2] = 0
    grouped = scores.view(-1, group)
    others = (grouped.sum(1, keepdim=True) - grouped) / (group - 1)
    coefficient = 0.05
    token_rewards = {}
    for estimator in ["k1", "k2", "k3", "abs"]:
        rewards = -coefficient * kl(estimator, log_probs, reference) + noise
        for i, row in enumerate(mask):
            rewards[i, row.nonzero().max()] += scores[i]
        token_rewards[estimator] = rewards
    rewards = token_rewards["k1"]
    discount, lam = 0.97, 0.9
    advantages = gae(rewards, values + noise, mask, discount, lam)
    to_go = gae(rewards, torch.zeros_like(rewards), mask, discount, 1.0)
    return {
        "torch": torch.__version__,
        "groupSize": group,
        "scores": scores.tolist(),
        "logProbs": ragged(log_probs + noise, mask),
        "reference": ragged(reference + noise, mask),
        "values": ragged(values + noise, mask),
        "discount": discount,
        "lambda": lam,
        "klCoefficient": coefficient,
        "tokenRewards": {name: ragged(value, mask) for name, value in token_rewards.items()},
        "groupRelative": ((grouped - grouped.mean(1, keepdim=True)) / (grouped.std(1, keepdim=True) + 1e-6)).flatten().tolist(),
        "groupCentred": (grouped - grouped.mean(1, keepdim=True)).flatten().tolist(),
        "leaveOneOut": (grouped - others).flatten().tolist(),
        "gae": {"advantages": ragged(advantages, mask), "returns": ragged(advantages + values, mask)},
        "whitened": ragged(masked_whiten(advantages, mask), mask),
        "whitenedRewardsToGo": ragged(masked_whiten(to_go, mask), mask),
    }



def clipped(log_probs, old, advantages, below, above, dual=None):
    ratio = torch.exp(log_probs - old)
    loss = torch.max(-advantages * ratio, -advantages * torch.clamp(ratio, 1 - below, 1 + above))
    if dual is not None:
        loss = torch.where(advantages < 0, torch.min(loss, -advantages * dual), loss)
    return loss


def clipped_weight(log_probs, old, advantages, below, above):
    with torch.no_grad():
        weight = torch.clamp(torch.exp(log_probs - old), 1 - below, 1 + above)
    return -weight * advantages * log_probs


def sequence_clipped(log_probs, old, advantages, below, above, mask):
    """The token form of GSPO's authors: the sequence's ratio as value, each token's own gradient."""
    mean = ((log_probs - old) * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True)
    ratio = torch.exp(log_probs - log_probs.detach() + mean.detach())
    return torch.max(-advantages * ratio, -advantages * torch.clamp(ratio, 1 - below, 1 + above))


def value_loss(values, old, returns, clip):
    held = torch.min(torch.max(values, old - clip), old + clip)
    return torch.max((values - returns) ** 2, (held - returns) ** 2) / 2


def averaged(losses, mask, how):
    losses = torch.where(mask > 0, losses, torch.zeros_like(losses))
    if how == "token":
        return losses.sum() / mask.sum()
    if how == "sequence":
        return (losses.sum(1) / mask.sum(1)).mean()
    return losses.sum(1).mean() / 50


def make_losses():
    generator = random.Random(11)
    torch.manual_seed(11)
    rows, width = 6, 16
    mask = random_mask(generator, rows, width)
    log_probs = (-torch.rand(rows, width) * 3).requires_grad_()
    old = log_probs.detach() + 0.4 * torch.randn(rows, width)
    reference = log_probs.detach() + 0.8 * torch.randn(rows, width)
    advantages = torch.randn(rows, 1).expand(rows, width).contiguous()
    values = torch.randn(rows, width).requires_grad_()
    old_values = values.detach() + 0.7 * torch.randn(rows, width)
    returns = torch.randn(rows, width)

    def case(losses, how, variable):
        loss = averaged(losses, mask, how)
        gradient, = torch.autograd.grad(loss, variable, retain_graph=True)
        return {"mean": how, "loss": loss.item(), "losses": ragged(losses, mask), "gradient": ragged(gradient, mask)}

    policy = []
    for how in ["token", "sequence", "constant"]:
        for below, above, dual in [(0.2, 0.2, None), (0.2, 0.28, None), (0.2, 0.2, 1.3)]:
            settings = {"kind": "clipped", "clipBelow": below, "clipAbove": above, **({"dualClip": dual} if dual else {})}
            policy.append({"settings": settings,
                           **case(clipped(log_probs, old, advantages, below, above, dual), how, log_probs)})
        settings = {"kind": "clipped-weight", "clipBelow": 0.2, "clipAbove": 0.28}
        policy.append({"settings": settings, **case(clipped_weight(log_probs, old, advantages, 0.2, 0.28), how, log_probs)})
    for below, above in [(0.05, 0.06), (0.5, 0.5)]:
        settings = {"kind": "sequence-clipped", "clipBelow": below, "clipAbove": above}
        policy.append({"settings": settings,
                       **case(sequence_clipped(log_probs, old, advantages, below, above, mask), "sequence", log_probs)})
    divergences = []
    for estimator in ["k1", "k2", "k3", "abs"]:
        plain = kl(estimator, log_probs, reference)
        divergences.append({"estimator": estimator, "hasKlGradient": False, **case(plain, "token", log_probs)})
        # the gradient of KL, from its definition: (log p − log reference)·∇log p for a token drawn from p
        score_function = (log_probs - reference).detach() * log_probs
        gradient, = torch.autograd.grad(averaged(score_function, mask, "token"), log_probs)
        divergences.append({"estimator": estimator, "hasKlGradient": True,
                            **case(plain, "token", log_probs), "gradient": ragged(gradient, mask)})
    drawn = old + 0.3 * torch.randn(rows, width)
    return {
        "torch": torch.__version__,
        "logProbs": ragged(log_probs.detach(), mask),
        "old": ragged(old, mask),
        "reference": ragged(reference, mask),
        "advantages": ragged(advantages, mask),
        "constant": 50,
        "policy": policy,
        "kl": divergences,
        "value": {"values": ragged(values.detach(), mask), "oldValues": ragged(old_values, mask),
                  "returns": ragged(returns, mask), "clip": 0.5,
                  **case(value_loss(values, old_values, returns, 0.5), "token", values)},
        "drawn": ragged(drawn, mask),
        "importance": importance(old, drawn, mask),
    }


def importance(old, drawn, mask):
    difference = (old - drawn) * mask
    ratios = {
        "token": torch.exp(difference),
        "product": torch.exp(difference.sum(1, keepdim=True)).expand_as(old),
        "geometric": torch.exp(difference.sum(1, keepdim=True) / mask.sum(1, keepdim=True)).expand_as(old),
    }
    cases = []
    for level, ratio in ratios.items():
        kept = (ratio >= 0.9) & (ratio <= 1.15)
        for kind, weights in [("truncate", torch.clamp(ratio, max=1.15)), ("mask", ratio * kept)]:
            cases.append({"correction": {"kind": kind, "level": level, "least": 0.9, "most": 1.15},
                          "weights": ragged(weights, mask)})
    return cases


def main():
    for name, made in [("rl-advantages", make_advantages()), ("rl-losses", make_losses())]:
        path = GOLDEN / f"{name}.json"
        path.write_text(json.dumps(made, allow_nan=False) + "\n")
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
