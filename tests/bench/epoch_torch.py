"""One network's epochs in PyTorch, for bench_epoch.sh: the rival, as its users would write it.

epoch_torch.py DIR WIDTH BLOCKS EPOCHS THREADS WORKERS: DIR has a folder a class. Prints the
median seconds of an epoch but the first.
"""
import statistics
import sys
import time

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T

directory, width, blocks, epochs, threads, workers = sys.argv[1:7]
width, epochs, threads, workers = int(width), int(epochs), int(threads), int(workers)
torch.set_num_threads(threads)
torch.manual_seed(1)


def conv(cin, cout, kernel, stride):
    return [nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(cout)]


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        few = max(c // 8, 4)
        self.body = nn.Sequential(*conv(c, c, 3, 1), nn.ReLU(inplace=True), *conv(c, c, 3, 1))
        self.excite = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, few, 1, bias=False),
                                    nn.ReLU(inplace=True), nn.Conv2d(few, c, 1, bias=False),
                                    nn.Sigmoid())

    def forward(self, x):
        y = self.body(x)
        return torch.relu(x + y * self.excite(y))


layers, c = [*conv(1, width, 5, 2), nn.ReLU(inplace=True)], width
for stage, count in enumerate(int(b) for b in blocks.split(",")):
    if stage:
        layers += [*conv(c, 2 * c, 3, 2), nn.ReLU(inplace=True)]
        c *= 2
    layers += [Block(c) for _ in range(count)]
net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2),
                    nn.Linear(c, 7)).to(memory_format=torch.channels_last)
average = torch.optim.swa_utils.AveragedModel(
    net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.999), use_buffers=True)
optimiser = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True,
                            weight_decay=5e-4)
loss_of = nn.CrossEntropyLoss(label_smoothing=0.1)
faces = datasets.ImageFolder(directory, T.Compose([
    T.Grayscale(), T.RandomHorizontalFlip(),
    T.RandomAffine(15, translate=(0.12, 0.12), scale=(0.8, 1.2),
                   interpolation=T.InterpolationMode.BILINEAR),
    T.ColorJitter(brightness=0.2, contrast=0.4), T.ToTensor(), T.Normalize(0.5, 0.25),
    T.RandomErasing(0.2)]))
loader = DataLoader(faces, 128, shuffle=True, drop_last=True, num_workers=workers,
                    persistent_workers=workers > 0)
took = []
for epoch in range(epochs):
    start = time.time()
    for x, y in loader:
        loss = loss_of(net(x.to(memory_format=torch.channels_last)), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        average.update_parameters(net)
    took.append(time.time() - start)
print(f"{statistics.median(took[1:]):.2f}")
