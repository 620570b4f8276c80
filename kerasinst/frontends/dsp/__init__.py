"""What front ends are made of: frames, Fourier transforms, filter banks and levels."""
