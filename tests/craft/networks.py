"""A network whose last layer with places are its pixels, so that concepts are colours."""

from dataclasses import replace

import torch
from torch import nn

from tests import tiny

SIDE_PX = 8


def colours(weights, bias=(0.0, 0.0), name="colours", act=nn.ReLU):
    """Two logits of the mean red, green and blue, behind a layer called "act" that is `act` of the pixels."""
    head = nn.Linear(3, len(weights))
    head.weight.data, head.bias.data = torch.tensor(weights), torch.tensor(bias)
    body = nn.Sequential()
    body.add_module("act", act())
    body.add_module("pool", nn.AdaptiveAvgPool2d(1))
    body.add_module("flatten", nn.Flatten())
    body.add_module("head", head)
    model = tiny.as_model(body, name, side_px=SIDE_PX)
    model.spec = replace(model.spec, architecture=replace(model.spec.architecture, cam_layer="act"))
    return model
