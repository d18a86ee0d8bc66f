"""Blocks that prose may hold, one function each; importing this registers them."""

from . import analysis, money, ongoing, people, registers, studies
from .base import BLOCKS, Place, render_block

__all__ = [
    "BLOCKS",
    "Place",
    "analysis",
    "money",
    "ongoing",
    "people",
    "registers",
    "render_block",
    "studies",
]
