"""gan_torch.py IMAGES.safetensors SIZE LATENT WIDTH WIDEST BATCH STEPS THREADS: milliseconds of a step.

The networks, losses, penalties and augmentation of `neonnoir train gan` in PyTorch's Python API, as one
would write them there: modules, channels-last, fused Adam where there is one. Prints the mean.
"""
import sys, time, statistics
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.numpy import load_file

path, size, latent, width, widest, batch, steps, threads = sys.argv[1], *map(int, sys.argv[2:9])
torch.manual_seed(1)
torch.set_num_threads(threads)
GAMMA, EVERY, P = 0.5, 4, 0.2


def channels(s):
    return min(max(8, width * 64 // s), widest)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        c = channels(4)
        self.first = nn.Linear(latent, c * 16, bias=False)
        self.norm = nn.BatchNorm2d(c)
        self.stages, self.gates = nn.ModuleList(), nn.ModuleDict()
        wide, s = [c], 8
        while s <= size:
            to = channels(s)
            self.stages.append(nn.Sequential(nn.Conv2d(c, to, 3, padding=1, bias=False), nn.BatchNorm2d(to),
                                             nn.ReLU(True)))
            c = to
            n = len(self.stages)
            if n >= 5:
                self.gates[str(n)] = nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Conv2d(wide[n - 4], c, 4, bias=False),
                                                   nn.ReLU(True), nn.Conv2d(c, c, 1, bias=False), nn.Sigmoid())
            wide.append(c)
            s *= 2
        self.last = nn.Conv2d(c, 3, 3, padding=1, bias=False)

    def forward(self, z):
        x = F.relu(self.norm(self.first(z).view(len(z), -1, 4, 4)))
        at = [x]
        for i, stage in enumerate(self.stages, 1):
            x = stage(F.interpolate(x, scale_factor=2))
            if str(i) in self.gates:
                x = x * self.gates[str(i)](at[i - 4])
            at.append(x)
        return torch.tanh(self.last(x))


class Shrink(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.skip = nn.Conv2d(cin, cout, 1, bias=False)
        self.a = nn.Conv2d(cin, cin, 3, padding=1, bias=False)
        self.b = nn.Conv2d(cin, cout, 3, padding=1, bias=False)

    def forward(self, x):
        skip = self.skip(F.avg_pool2d(x, 2))
        x = F.avg_pool2d(F.leaky_relu(self.a(x), 0.2), 2)
        return (F.leaky_relu(self.b(x), 0.2) + skip) * 0.5 ** 0.5


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        c = channels(size)
        self.first = nn.Conv2d(3, c, 3, padding=1, bias=False)
        self.shrink, self.at, s = nn.ModuleList(), -1, size
        while s > 4:
            to = channels(s // 2)
            self.shrink.append(Shrink(c, to))
            c = to
            if s // 2 == size // 8 and size > 32:
                self.at = len(self.shrink)
                self.patch = nn.Conv2d(c, 1, 1, bias=False)
            s //= 2
        self.last = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.features, self.verdict = nn.Linear(c * 16, c), nn.Linear(c, 1)

    def forward(self, x):
        x, out = F.leaky_relu(self.first(x), 0.2), []
        for i, shrink in enumerate(self.shrink, 1):
            x = shrink(x)
            if i == self.at:
                out = [self.patch(x).flatten(1)]
        x = F.leaky_relu(self.last(x), 0.2).flatten(1)
        return [self.verdict(F.leaky_relu(self.features(x), 0.2))] + out


def augment(x):
    n, _, s, _ = x.shape
    gate = lambda: (torch.rand(n, 1, 1, 1) < P).float()
    x = x + gate() * (torch.rand(n, 1, 1, 1) - 0.5)
    m = x.mean(1, True)
    x = m + (x - m) * (1 + gate() * (2 * torch.rand(n, 1, 1, 1) - 1))
    m = x.mean((1, 2, 3), True)
    x = m + (x - m) * (1 + gate() * (torch.rand(n, 1, 1, 1) - 0.5))
    r = s // 8
    dy, dx = ((torch.randint(-r, r + 1, (n,)) * gate().view(-1).long()) for _ in range(2))
    wide = F.pad(x, (r, r, r, r))
    x = torch.stack([wide[i, :, r + dy[i]:r + dy[i] + s, r + dx[i]:r + dx[i] + s] for i in range(n)])
    keep, e = torch.ones(n, 1, s, s), s // 2
    for i in range(n):
        if torch.rand(1) < P:
            y, z = (int(torch.rand(1) * (s + e)) - e for _ in range(2))
            keep[i, :, max(y, 0):y + e, max(z, 0):z + e] = 0
    return (x * keep).contiguous(memory_format=torch.channels_last)


data = torch.from_numpy(load_file(path)["pictures"]).permute(0, 3, 1, 2)
g, d = (m.to(memory_format=torch.channels_last).train() for m in (Generator(), Discriminator()))
adam = [torch.optim.Adam(m.parameters(), 1e-3, (0.0, 0.99)) for m in (g, d)]
ema = [p.detach().clone() for p in g.state_dict().values() if p.is_floating_point()]
took = []
for step in range(steps):
    start = time.perf_counter()
    real = data[torch.randint(len(data), (batch,))].float().div(127.5).sub(1)
    real = real.contiguous(memory_format=torch.channels_last)
    fake = g(torch.randn(batch, latent))
    seen = augment(fake)
    x = torch.cat([augment(real), seen.detach()]).requires_grad_(step % EVERY == 0)
    logit = d(x)
    pair = [l.split(batch) for l in logit]
    loss = sum(F.softplus(f - r).mean() for r, f in pair) / len(pair)
    if step % EVERY == 0:
        grad = torch.autograd.grad(sum(l.mean(1).sum() for l in logit), x, create_graph=True)[0]
        loss = loss + GAMMA * EVERY * grad.square().sum((1, 2, 3)).mean()
    adam[1].zero_grad()
    loss.backward()
    for p in d.parameters():
        p.requires_grad_(False)
    loss = sum(F.softplus(r.detach() - f).mean() for (r, _), f in zip(pair, d(seen))) / len(pair)
    adam[0].zero_grad()
    loss.backward()
    for p in d.parameters():
        p.requires_grad_(True)
    adam[0].step()
    adam[1].step()
    with torch.no_grad():
        for a, p in zip(ema, [p for p in g.state_dict().values() if p.is_floating_point()]):
            a.lerp_(p, 0.001)
    took.append(1000 * (time.perf_counter() - start))
print(statistics.mean(took))
