"""The control plane over HTTP, for controllers in any language."""
