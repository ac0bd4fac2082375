"""dw-sim: the command line of DW Simulator."""
