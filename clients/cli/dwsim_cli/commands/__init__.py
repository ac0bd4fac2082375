"""The commands of dw-sim, one module per noun."""
