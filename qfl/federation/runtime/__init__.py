"""Starting and following a run: in this process, under Ray, through `flwr run`; its keys, context and progress."""
