"""Tables and figures of the papers, measured again: the paper's number beside ours."""
