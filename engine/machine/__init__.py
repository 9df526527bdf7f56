"""What machine this is: everything about it that changes how fast frames are drawn."""

from engine.machine.reader import read_machine
from engine.machine.records import Container, Cpu, Gpu, Machine, Memory, Virtualization

__all__ = ["Container", "Cpu", "Gpu", "Machine", "Memory", "Virtualization", "read_machine"]
