"""The element-wise kernels."""
