"""The parts that front ends are made of: frames, Fourier transforms, filter banks and amplitude scales."""
