"""Who may take part and what proves it: keys, roster, signed envelopes, claims, sealing."""
