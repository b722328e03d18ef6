"""Q-Backbone: a control plane that decides when a quantum computer is asked, by which cuts, and by when.

After "Q-Backbone: A Quantum-Enhanced Control Plane for Future Communication Networks" (arXiv:2606.13248), in its words:
``infrastructure`` is what computes, ``orchestration`` decides what runs where and when.
"""
